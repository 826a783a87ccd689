#pragma once

#include "scenarios/file/farm_plan.hpp"

#include <cstddef>

namespace kpmsim {

/// Descriptors that a farm holds open for itself, with room for one client on each Modbus-TCP port.
std::size_t descriptors_needed(const FarmPlan& plan);

/// Raises the limit of open descriptors as far as it goes, as a farm of thousands wants more of them
/// than a shell hands out. Throws CouldNotStart where that is not as far as `needed`.
void make_room_for_descriptors(std::size_t needed);

} // namespace kpmsim
