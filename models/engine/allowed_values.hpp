#pragma once

#include "models/type/meter_type.hpp"

#include <string>

namespace kpmsim {

/// What a setting takes, as a cure: "write a whole number from 0 to 120", "write one of 1, 5, 10".
std::string allowed_values(const SettingRow& row);
/// Whether the value lies between two that the setting can show.
bool is_between(const SettingRow& row, double value);

} // namespace kpmsim
