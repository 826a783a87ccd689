#pragma once

#include "scenarios/play/action.hpp"
#include "servers/faults/fault_spec.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// A fault of an action on a line or a broker, by its kind's name.
struct FaultOfAction {
    std::string kind;
    FaultSpec spec; ///< `kind` is set where it is one of the wire
};

/// What the action does at a place: one fault, or those of its preset.
/// seed: the farm's; place: what the draws are named after, beside the action's number
std::vector<FaultOfAction> faults_of(const FarmAction& action, std::uint64_t id, std::uint64_t seed,
                                     const std::string& place);

} // namespace kpmsim
