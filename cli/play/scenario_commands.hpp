#pragma once

#include "cli/terminal/exit.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace kpmsim {

/// run, scenarios.
void add_scenario_verbs(CLI::App& app, std::function<Exit()>& chosen);

} // namespace kpmsim
