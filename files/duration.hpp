#pragma once

#include "files/mistake.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace kpmsim {

/// Longest time that anybody may write: 47 years.
inline constexpr std::chrono::seconds longest_duration{1'500'000'000};

/// A length of time as people write it everywhere: "200 ms", "10 min", "15m", "2h", "1 d", and
/// "10 cycles" where a cycle has a length. 0 to 47 years, rounded to the nanosecond.
///
/// cycle_hz: cycles a second, Hz; without it a text in cycles is refused.
std::optional<std::chrono::nanoseconds> read_duration(std::string_view text,
                                                      std::optional<double> cycle_hz, Fault& fault);

} // namespace kpmsim
