#pragma once

#include "scenarios/play/conductor.hpp"

namespace kpmsim {

/// How scripts are read here: with the clients that they name.
ScriptRules script_rules(bool open_ended = false);

/// The script's clients join the conductor, if it names any.
void add_clients(Conductor& conductor);

} // namespace kpmsim
