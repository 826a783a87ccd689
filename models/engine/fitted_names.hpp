#pragma once

#include "models/engine/meter_spec.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// The names of a unit's points, for "did you mean": what is not fitted is not offered.
std::vector<std::string> fitted_points(const MeterSpec& spec);
/// … of its settings.
std::vector<std::string> fitted_settings(const MeterSpec& spec);

} // namespace kpmsim
