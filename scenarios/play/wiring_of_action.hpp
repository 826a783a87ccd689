#pragma once

#include "scenarios/play/action.hpp"
#include "waveforms/wiring_changes.hpp"

#include <optional>
#include <vector>

namespace kpmsim {

/// What an action does to a meter's wiring; nothing when it does something else.
std::optional<std::vector<WiringChange>> wiring_of(const FarmAction& action);

} // namespace kpmsim
