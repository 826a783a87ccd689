#pragma once

#include "quality/synchrophasor.hpp"

#include <cstdint>
#include <span>

namespace kpmsim {

/// Rows on either side of a report's that an estimate looks at: two nominal cycles less one.
std::int64_t phasor_reach(double rate_hz, double nominal_hz);

/// The synchrophasor at one row: a P class estimator of two cycles (four for frequency and its
/// rate).
///
/// shape   samples of one channel at a fixed rate, a whole number of rows per nominal cycle; `row`
///         at least phasor_reach() away from both ends
/// unit    of the samples, rms; its angle is that of a cosine against one of the nominal frequency
///         that begins at row 0; Hz and Hz/s of the phasor's rotation
/// error   a steady sine within 5 Hz of nominal: 1e-12 of it, 1e-9 Hz, 1e-6 Hz/s. Harmonics of the
///         nominal frequency vanish. Ramps of 1 Hz/s: 2.5e-4 of it, 2e-4 Hz, 0.005 Hz/s; modulation
///         by cosines of up to 2 Hz, 10 % and 0.1 rad: 9e-4, 3.5e-3 Hz, 0.035 Hz/s. White noise,
///         rms s as a part of the sine's, at 128 rows a cycle: 0.1 s, 0.4 s Hz, 70 s Hz/s
/// source  the measures and limits are IEEE C37.118.1's; docs/explanation/power-quality.md
PhasorReport estimate_phasor(std::span<const double> samples, double rate_hz, double nominal_hz,
                             std::int64_t row);

} // namespace kpmsim
