#pragma once

#include "scenarios/play/action_kind.hpp"

#include <vector>

/// The parts of action_kinds(), by what they act on.
namespace kpmsim {

std::vector<ActionKind> supply_kinds();
std::vector<ActionKind> load_kinds();
std::vector<ActionKind> wiring_kinds();
std::vector<ActionKind> meter_kinds();
std::vector<ActionKind> wire_fault_kinds();   ///< what goes wrong with the bytes on a line
std::vector<ActionKind> upload_fault_kinds(); ///< … and with messages

} // namespace kpmsim
