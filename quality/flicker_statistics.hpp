#pragma once

#include <span>

namespace kpmsim {

/// Short-term flicker severity of one interval, usually 10 minutes, of instantaneous sensation.
///
/// shape   any number of values, equally spaced in time; none gives 0
/// unit    none
/// error   the percentiles are exact: sorted values, linear between neighbours
/// source  IEC 61000-4-15, 5.7: Pst = sqrt(0.0314 P0.1 + 0.0525 P1s + 0.0657 P3s + 0.28 P10s +
///         0.08 P50s), Pk the level exceeded k % of the time, s the mean of neighbours
double pst(std::span<const double> pinst);

/// Long-term flicker severity: the cube root of the mean of the cubes, usually of 12 Pst.
///
/// source  IEC 61000-4-15, 5.8
double plt(std::span<const double> pst);

} // namespace kpmsim
