#pragma once

#include "models/engine/intervention.hpp"
#include "scenarios/play/action.hpp"

#include <utility>
#include <vector>

namespace kpmsim {

/// What an action does to a meter itself, and when; nothing for an action on something else.
std::vector<std::pair<SimTime, Intervention>> interventions(const FarmAction& action,
                                                            const MeterType& type, int circuit);

} // namespace kpmsim
