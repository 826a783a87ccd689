#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// A text without the plus sign that may stand before a number; std::from_chars knows none.
std::string_view without_plus(std::string_view text);

/// A finite number, the whole text: "-1.5", "+3", "2.836798e+000"; its decimal mark may be a comma
/// instead.
std::optional<double> read_number(std::string_view text, char decimal = '.');

/// The shortest text that reads back as the same number.
std::string number_text(double value);
std::string number_text(float value);

} // namespace kpmsim
