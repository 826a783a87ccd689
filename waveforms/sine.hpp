#pragma once

#include "sim/clock.hpp"

#include <cmath>
#include <complex>
#include <cstdint>

namespace kpmsim {

// Sine and cosine of a turn, the same bits on every machine. glibc's own pick a variant with fused
// multiply-add where the processor has it, so what reaches a sample comes from here.
//
// A turn t = q/4 + r, q its nearest quarter, |r| <= 1/8. With x = 2 pi r, |x| <= pi/4, the Taylor
// series of sin x to x^15 leaves x^17/17! < 5e-17, that of cos x to x^16 leaves x^18/18! < 3e-18.
// The quarter then swaps and signs the two.

struct SinCos {
    double sin;
    double cos;
};

/// error   below 3e-16
inline SinCos sin_cos(Turn t) {
    const std::uint64_t quarter = (t.raw + (std::uint64_t{1} << 61)) >> 62;
    const auto rest = static_cast<std::int64_t>(t.raw - (quarter << 62));
    const double x = static_cast<double>(rest) * (6.283185307179586477 * 0x1p-64);
    const double y = x * x;
    double s = -1.0 / 1307674368000.0;
    s = s * y + 1.0 / 6227020800.0;
    s = s * y - 1.0 / 39916800.0;
    s = s * y + 1.0 / 362880.0;
    s = s * y - 1.0 / 5040.0;
    s = s * y + 1.0 / 120.0;
    s = s * y - 1.0 / 6.0;
    s = s * y * x + x;
    double c = 1.0 / 20922789888000.0;
    c = c * y - 1.0 / 87178291200.0;
    c = c * y + 1.0 / 479001600.0;
    c = c * y - 1.0 / 3628800.0;
    c = c * y + 1.0 / 40320.0;
    c = c * y - 1.0 / 720.0;
    c = c * y + 1.0 / 24.0;
    c = c * y - 0.5;
    c = c * y + 1.0;
    const bool swap = (quarter & 1) != 0;
    const double sine = swap ? c : s;
    const double cosine = swap ? s : c;
    return {(quarter & 2) != 0 ? -sine : sine, ((quarter + 1) & 2) != 0 ? -cosine : cosine};
}

/// The unit phasor at this turn.
inline std::complex<double> phasor(Turn t) {
    const SinCos sc = sin_cos(t);
    return {sc.cos, sc.sin};
}

/// Any number of turns, wrapped into one; exact to the last bit of the argument.
inline Turn turn_of(double turns) {
    const double part = turns - std::floor(turns);
    return {part < 1.0 ? static_cast<std::uint64_t>(part * 0x1p64) : 0};
}
inline Turn turn_of_degrees(double degrees) { return turn_of(degrees / 360.0); }
inline Turn turn_of_radians(double radians) { return turn_of(radians / 6.283185307179586477); }

/// `n` times the turn; overflow is the wrap.
constexpr Turn operator*(std::uint64_t n, Turn t) { return {n * t.raw}; }

} // namespace kpmsim
