#pragma once

#include "models/engine/intervention.hpp"
#include "scenarios/play/action.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace kpmsim {

/// What an action does to a meter itself, and when; nothing for an action on something else.
std::vector<std::pair<SimTime, Intervention>> interventions(const FarmAction& action,
                                                            const MeterType& type, int circuit);
/// What puts the meter back; nothing of an action that happens and is over.
std::optional<Intervention> end_of(const FarmAction& action);

} // namespace kpmsim
