#pragma once

#include <cmath>
#include <cstdint>

namespace kpmsim {

/// What one nanosecond advances a phase by, 2^64 = one turn, and the frequency that it means.
///
/// error   2^-65 turn a nanosecond, which is below 3e-11 Hz
inline std::int64_t step_of(double hz) { return std::llround(hz * (0x1p64 / 1e9)); }
inline double hertz_of(std::int64_t step) { return static_cast<double>(step) * (1e9 * 0x1p-64); }

/// What one row advances a phase by that turns this far in the window, to the nearest: 2^-65 turn a
/// row is 2^-54 over a window.
inline std::uint64_t step_per_row(__int128 turned, int samples) {
    const __int128 half = samples / 2;
    return static_cast<std::uint64_t>((turned + (turned < 0 ? -half : half)) / samples);
}

} // namespace kpmsim
