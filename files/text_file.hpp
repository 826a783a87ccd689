#pragma once

#include "files/mistake.hpp"

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// A whole file as text, without a byte-order mark. What cannot be read is one mistake.
std::optional<std::string> read_text(const std::string& path, std::vector<Mistake>& mistakes);

/// Writes a file in one go. False when it cannot be opened or a byte did not arrive; then no half of
/// it is left.
bool write_text(const std::string& path, const std::function<void(std::ostream&)>& write);

/// Takes away a file that could not be written whole. What is no file (a device, a pipe, a link) and
/// was only written to stays.
void remove_half_written(const std::string& path);

} // namespace kpmsim
