#pragma once

#include "scenarios/play/conductor.hpp"

namespace kpmsim {

/// How scripts are read here: with the clients that they name.
ScriptRules script_rules(bool open_ended = false);

struct RunTrace;

/// The script's clients join the conductor, if it names any. `trace`, which outlives the conductor: null, or
/// where what goes over their wires is written down.
void add_clients(Conductor& conductor, RunTrace* trace = nullptr);

} // namespace kpmsim
