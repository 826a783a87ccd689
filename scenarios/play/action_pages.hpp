#pragma once

#include <string>

namespace kpmsim {

// What action_kinds() says, for people and for machines.

/// [{"kind", "title", "on", "lasting", "edge", "parameters": [{"name", "title", "form", "unit", "least",
/// "most", "needed", "default", "example", "choices"}]}]; what a parameter has none of is null.
std::string action_kinds_json();
/// The JSON Schema (2020-12) of one action, as an object of the API or a [[do]] of a farm file.
std::string action_schema_json();
/// The reference page docs/reference/actions.md.
std::string actions_page();

} // namespace kpmsim
