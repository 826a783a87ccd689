#pragma once

#include "quality/spectrum.hpp"

namespace kpmsim {

/// The highest order for which groups and subgroups are formed.
inline constexpr int max_group_order = 50;

/// Rms values that IEC 61000-4-7 forms of the bins C_k, with N = 10 or 12 bins to an order.
///
/// shape   harmonics and their groups of order 1 to 50; an interharmonic (sub)group of order n lies
///         between n and n + 1, n from 0
/// unit    as the samples, rms
/// error   rounding only
/// source  IEC 61000-4-7, 3.2 and 5.5
/// C(nN)
double harmonic(const BinSpectrum& s, int order);
/// C(nN-1), C(nN), C(nN+1)
double harmonic_subgroup(const BinSpectrum& s, int order);
/// Half the square of C(nN-N/2), all between, half the square of C(nN+N/2)
double harmonic_group(const BinSpectrum& s, int order);
/// C(nN+1) to C(nN+N-1)
double interharmonic_group(const BinSpectrum& s, int order);
/// C(nN+2) to C(nN+N-2): what the subgroups leave
double interharmonic_subgroup(const BinSpectrum& s, int order);

/// Distortion over orders 2 to `last` as a fraction of the fundamental, its group or subgroup; 0
/// without a fundamental. The meters of this house show `last` = 31; the standards say 40 or 50.
double thd(const BinSpectrum& s, int last = max_harmonic);
double thd_groups(const BinSpectrum& s, int last = max_harmonic);
double thd_subgroups(const BinSpectrum& s, int last = max_harmonic);

/// The smoothing of fluctuating harmonics: a first-order low-pass of 1.5 s on the rms value.
///
/// shape   one value a window; the first one sets the state
/// error   exact at the windows' ends for a value that is constant within a window; the standard's
///         8.012 and 7.012 for 0.2 s are this to four digits
/// source  IEC 61000-4-7, 5.5.1, table 3
class HarmonicSmoothing {
public:
    double push(double rms, double window_s) noexcept;
    double value() const noexcept { return value_; }

private:
    double value_{0};
    bool begun_{false};
};

} // namespace kpmsim
