#pragma once

#include <string>
#include <string_view>

namespace kpmsim {

/// A text as a terminal, a log and JSON can show it: bytes that are no UTF-8, and control
/// characters, are written \xE4, \x1B. All else stays, and so does what this has returned.
std::string printable(std::string_view text);
/// The same line by line: line ends stay.
std::string printable_lines(std::string_view text);

} // namespace kpmsim
