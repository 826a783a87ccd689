#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// What a written value may be: `"12 kW"` is a power, `"2.5 %"` a fraction.
enum class Unit { volt, ampere, watt, var, volt_ampere, hertz, second, degree, fraction, celsius };

/// Reads "230 V", "12.5 kW", "-20 mA", "50 Hz", "200 ms", "2 h", "2.5 %", "10 deg" into SI (V A W
/// var VA Hz s deg; a fraction without %). A bare number is refused: the unit is part of the value.
/// On failure `why` is a sentence:
/// `"12 kV" is a voltage; write a power such as "12 kW"`.
std::optional<double> parse_quantity(std::string_view text, Unit unit, std::string& why);

/// As parse_quantity() reads it, without a prefix: "12000 W", "2.5 %".
std::string quantity_text(double si, Unit unit);

std::string_view name_of(Unit unit);    ///< "power"
std::string_view example_of(Unit unit); ///< "12 kW"

} // namespace kpmsim
