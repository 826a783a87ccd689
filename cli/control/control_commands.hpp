#pragma once

#include "cli/terminal/exit.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace kpmsim {

struct ApiWhere;

/// The options by which a verb finds a running farm's control API.
void add_where(CLI::App& verb, ApiWhere& where);
/// Adds the verbs that are clients of a running farm; the one that is asked for becomes `chosen`.
void add_control_verbs(CLI::App& app, std::function<Exit()>& chosen);

} // namespace kpmsim
