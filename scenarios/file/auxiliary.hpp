#pragma once

#include "models/type/terminal_limits.hpp"

#include <optional>
#include <string>

namespace kpmsim {

/// "230 V", "230 V AC" or "110 V DC"; nothing when it is none of these.
std::optional<AuxiliaryVoltage> read_auxiliary_voltage(const std::string& text);

/// How it is written.
inline constexpr const char* auxiliary_cure = "write \"230 V\" or \"110 V DC\"";

} // namespace kpmsim
