#pragma once

#include <complex>
#include <span>
#include <vector>

/// What a set of channels holds, from samples alone: nobody tells it a frequency, an amplitude or how
/// many orders there are. Least squares in long double; shares no code with what it judges.
namespace kpmsim::test {

inline constexpr int oracle_orders = 50;

struct Fit {
    long double f_hz{0};
    /// By channel: rms phasors of DC (real) and orders 1 to 50 at the middle of the samples.
    std::vector<std::vector<std::complex<long double>>> phasors;
};

/// shape   channels of equally many samples, `rate_hz` apart; f is looked for in the first channel
/// error   below 1e-9 of the first channel's fundamental for a sum of up to 50 harmonics and DC,
///         rounded to double
Fit fit_sines(const std::vector<std::vector<double>>& channels, long double rate_hz);

} // namespace kpmsim::test
