#pragma once

#include "files/mistake.hpp"

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// Of a file that is read whole, in bytes: two hours of eight channels at 6.4 kHz are a little more.
inline constexpr std::size_t largest_file = 1'000'000'000;

/// A whole file as it is; a pipe is read to its end. What cannot be read, a device, and what holds
/// more than `most` bytes is one mistake.
std::optional<std::string> read_file(const std::string& path, std::vector<Mistake>& mistakes,
                                     std::size_t most = largest_file);
/// The same as text: without a byte-order mark.
std::optional<std::string> read_text(const std::string& path, std::vector<Mistake>& mistakes,
                                     std::size_t most = largest_file);

/// Writes a file in one go. False when it cannot be opened or a byte did not arrive; then no half of
/// it is left.
bool write_text(const std::string& path, const std::function<void(std::ostream&)>& write);

/// Takes away a file that could not be written whole. What is no file (a device, a pipe, a link) and
/// was only written to stays.
void remove_half_written(const std::string& path);

} // namespace kpmsim
