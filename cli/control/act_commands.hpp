#pragma once

#include "cli/terminal/exit.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace kpmsim {

/// `act KIND`, with the keys of the kind's table as flags, and `actions`: clients of a running farm's
/// control API. `chosen` becomes the one that was asked for.
void add_act_verbs(CLI::App& app, std::function<Exit()>& chosen);

} // namespace kpmsim
