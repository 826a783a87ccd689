#pragma once

#include "files/mistake.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kpmsim {

/// What the database says of itself in its first bytes: "KPMS", and the number of its tables' form.
inline constexpr std::uint32_t state_application{0x4B504D53};
inline constexpr std::uint32_t state_format{4};

/// Looked up without SQLite, which would change what it opens.
std::optional<Fault> wrong_header(const std::string& path);

} // namespace kpmsim
