#pragma once

#include "sim/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// A date and time as ISO 8601 writes it.
struct IsoTime {
    CivilTime whole{};  ///< as written, in its own zone …
    std::int64_t ns{0}; ///< … and the rest
    int fraction_digits{0};
    std::optional<std::chrono::minutes> offset{}; ///< of its zone from UTC, if it says one
};

/// Reads 2026-01-12T16:39, 2026-01-12 16:39:00.5, 2026-01-12T16:39:00,123456789+01:00, …Z. Seconds
/// and what follows may be missing; a fraction has up to nine digits.
std::optional<IsoTime> read_iso(std::string_view text);
/// Reads +01:00, -0330, +1, Z, up to 14 hours.
std::optional<std::chrono::minutes> read_utc_offset(std::string_view text);
std::string utc_offset_text(std::chrono::minutes offset); ///< +01:00

/// 2026-01-01T00:00:00.200, of a site whose clock shows `start` at SimTime{}: to the millisecond, and not
/// beyond.
std::string moment_text(CivilTime start, SimTime at);

} // namespace kpmsim
