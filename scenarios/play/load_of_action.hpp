#pragma once

#include "scenarios/play/action.hpp"
#include "waveforms/load_changes.hpp"

namespace kpmsim {

/// What an action on loads does to each of them.
LoadChange load_change(const FarmAction& action, const FarmPlan& plan);

} // namespace kpmsim
