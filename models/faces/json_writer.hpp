#pragma once

#include <string>
#include <string_view>

namespace kpmsim {

// How the meters' own JSON is written: with decimals that are fixed, and keys in the order of the
// meter.

/// A text in quotes, with what JSON does not allow in it escaped.
void append_text(std::string& json, std::string_view text);
/// A number with so many decimals, trailing zeros kept; `truncate` cuts instead of rounding. What is
/// not finite is null.
void append_number(std::string& json, double value, int decimals, bool truncate);

} // namespace kpmsim
