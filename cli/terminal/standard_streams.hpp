#pragma once

#include <string>
#include <string_view>

namespace kpmsim {

/// To be called before anything is opened. Whichever of descriptors 0 to 2 was closed leads to
/// /dev/null from here on, so that no file or socket of ours gets its number and another one's text;
/// what is written to such a stream still fails. And a write to a reader that has gone, or beyond a
/// limit of file sizes, is an error instead of the program's end.
void secure_standard_streams();

/// Writes lines to stderr, printable, and waits for it, as a verb that has something to say. What
/// stderr cannot take is lost; never throws.
void say(std::string_view lines) noexcept;

/// Writes what the descriptor takes without waiting; how much that was. Never throws.
std::size_t write_without_waiting(int descriptor, std::string_view text) noexcept;

} // namespace kpmsim
