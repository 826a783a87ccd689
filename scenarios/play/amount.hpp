#pragma once

#include "files/mistake.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// "230 V", "12 kWh", "40 %" as a number in a unit of the catalogue (V A W var VA Hz % deg degC kWh kvarh
/// kVAh s), whatever its prefix; a text without a unit is in it already.
std::optional<double> read_amount(std::string_view text, std::string_view unit, Fault& fault);

/// Whether read_amount() knows the unit, with any prefix.
bool is_unit(std::string_view unit);
/// What a value in `from` is multiplied by to be one in `to`; nothing where they measure different things.
std::optional<double> unit_factor(std::string_view from, std::string_view to);

/// How far a value may be from what is expected: the larger of the two.
struct Tolerance {
    double absolute{0};
    double relative{0}; ///< of what is expected

    double around(double expected) const;
};
/// "0.1 %" of what is expected, or "0.5 V".
std::optional<Tolerance> read_tolerance(std::string_view text, std::string_view unit, Fault& fault);

/// Six digits and the unit.
std::string amount_text(double value, std::string_view unit);

} // namespace kpmsim
