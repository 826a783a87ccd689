#pragma once

#include "models/type/meter_type.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kpmsim {

/// What a unit may be without, though its type has it.
enum class Fitting : std::uint8_t { inputs, relays, temperature, residual, reactive_pulses };
std::string_view name_of(Fitting part); ///< "residual current input"

/// The part that a point is about, of settings and alarms, too; nothing where every unit has it.
std::optional<Fitting> fitting_of(const MeterType& type, const Point& point);

/// Which units of the type have the part: "with K", "not with S", "optional"; empty: all.
std::string units_with(const MeterType& type, Fitting part);
/// … what the row is about.
std::string units_with(const MeterType& type, const RegisterRow& row);

/// How a farm file fits it: "add -K to options".
std::string how_to_fit(const MeterType& type, Fitting part);

} // namespace kpmsim
