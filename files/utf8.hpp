#pragma once

#include <cstddef>
#include <string_view>

namespace kpmsim {

/// How many bytes the character at `at` has; 1 for an ASCII one and for what is no UTF-8.
/// source  RFC 3629, section 4
std::size_t utf8_length(std::string_view text, std::size_t at);
/// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

} // namespace kpmsim
