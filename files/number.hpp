#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// A text without the plus sign that may stand before a number; std::from_chars knows none.
std::string_view without_plus(std::string_view text);

/// A finite number, the whole text: "-1.5", "+3", "2.836798e+000"; its decimal mark may be a comma
/// instead.
std::optional<double> read_number(std::string_view text, char decimal = '.');

/// Digits in threes with marks between them, as people and spreadsheets write them: "1.234,5",
/// "1 234", "1'234.5". What one mark alone leaves open ("1.234") is none: it may be a fraction.
bool has_thousands_marks(std::string_view text);

/// A whole number, the whole text: "-15", and "00ff" where the base is 16. No plus sign.
std::optional<std::int64_t> whole_number(std::string_view text, int base = 10);

/// The shortest text that reads back as the same number.
std::string number_text(double value);
std::string number_text(float value);

} // namespace kpmsim
