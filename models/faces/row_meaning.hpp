#pragma once

#include "models/type/meter_type.hpp"

#include <string>

namespace kpmsim {

/// A setting's shown value and, where its role's values have names, the name: "2 (8N1)".
std::string value_text(const MeterType& type, const SettingRow& setting, double shown);

/// The name or the number that a code stands for: "8N1", "9600".
std::string coded_text(const MeterType& type, PointId point, const Code& code);

/// The words that stand for no value, in hexadecimal: "8000", "7FC00000"; empty when there are none.
std::string none_text(const RegisterRow& row);

/// What a row's words mean where they are not the value itself: codes, the bits of packed points,
/// what a command does, and the words without a value. Empty for every other row.
std::string meaning_of(const MeterType& type, const RegisterRow& row);

} // namespace kpmsim
