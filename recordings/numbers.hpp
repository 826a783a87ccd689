#pragma once

#include "files/number.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Without blanks (and other characters that no one sees) at either end.
std::string_view trimmed(std::string_view text);

/// The cells between commas, trimmed.
std::vector<std::string_view> cells_of(std::string_view line, char separator = ',');

/// A whole number; "12.0" and "1.2e1" will do.
std::optional<std::int64_t> read_whole(std::string_view text);

} // namespace kpmsim
