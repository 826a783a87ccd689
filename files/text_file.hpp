#pragma once

#include "files/mistake.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// A whole file as text, without a byte-order mark. What cannot be read is one mistake.
std::optional<std::string> read_text(const std::string& path, std::vector<Mistake>& mistakes);

} // namespace kpmsim
