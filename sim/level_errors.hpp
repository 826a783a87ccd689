#pragma once

#include <array>
#include <cstddef>

namespace kpmsim {

/// Currents at which a transformer's errors are known, as fractions of its rated one: the points of
/// IEC 61869-2's tables for the classes 0.2S and 0.5S.
inline constexpr std::array<double, 5> ct_levels{0.01, 0.05, 0.20, 1.00, 1.20};

/// What a current channel reads wrong at one level.
struct LevelError {
    double gain{0};      ///< fraction: 0.002 reads 0.2 % too much
    double phase_rad{0}; ///< of the fundamental, positive = lags (the standard counts a lead)
};

/// Errors of a current channel that hang on how much current there is.
///
/// Between its points a transformer's errors go in straight lines over the current; beyond the
/// first and the last they stay. Compression is that of a cubic characteristic, x - k x^3, of which
/// a sine sees the gain 1 - (3/4) k a^2; the 3rd harmonic that goes with it is left out.
struct LevelErrors {
    double compression{0}; ///< fraction by which the rated current reads low; grows with its square
    std::array<double, ct_levels.size()> ct_ratio{};     ///< fraction, at ct_levels
    std::array<double, ct_levels.size()> ct_phase_rad{}; ///< positive = lags

    constexpr bool operator==(const LevelErrors&) const = default;
    /// At an rms of `level` times the rated current.
    LevelError at(double level) const;
};

} // namespace kpmsim
