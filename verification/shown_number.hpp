#pragma once

#include "models/type/register_map.hpp"
#include "sim/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// A written number and half of its last digit.
struct ShownNumber {
    double value{0};
    double rounding{0};
};

/// What the words of a row mean, of its type, scale and word order; not a number where the row is none.
ShownNumber number_of(const RegisterRow& row, WordOrder order,
                      const std::vector<std::uint16_t>& words);
std::string text_of(const std::vector<std::uint16_t>& words);
/// "20260112163900"
std::string digits_of(CivilTime t);
/// Whether they hold this moment as a clock's three words do.
bool is_clock(const std::vector<std::uint16_t>& words, CivilTime t);

} // namespace kpmsim
