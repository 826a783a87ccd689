#pragma once

#include <string>

namespace kpmsim {

/// The tables of docs/reference/scenarios.md that say which keys an expectation has: what
/// expectation_kinds() knows, as Markdown.
std::string expectation_tables();
/// The JSON Schema (2020-12) of one [[expect]].
std::string expectation_schema_json();
/// The values that a probe shows.
std::string probe_table();

} // namespace kpmsim
