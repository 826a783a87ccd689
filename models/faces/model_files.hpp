#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

// What can stand in the files of a model, for people and for editors; both from model_keys().

/// The keys of one table ("registers.block") with a heading, as docs/reference/model-files.md has
/// them.
std::string model_table_as_markdown(std::string_view path);

/// The files that have a schema: meter, registers, mqtt.
std::vector<std::string> model_file_names();
/// The JSON Schema (2019-09) of one of them, for its TOML read as JSON.
std::string model_file_schema(std::string_view file);

} // namespace kpmsim
