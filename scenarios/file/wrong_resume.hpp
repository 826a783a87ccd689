#pragma once

#include "scenarios/file/farm_plan.hpp"

#include <optional>

namespace kpmsim {

/// Where a farm is to go on that its clock does not lead to.
std::optional<Fault> wrong_resume(StateResume resume, const Pace& pace);

} // namespace kpmsim
