#pragma once

#include <complex>
#include <span>
#include <vector>

/// What a set of channels holds, from samples alone: nobody tells it a frequency, an amplitude, how
/// many orders there are or whether there are tones between them. Least squares in long double;
/// shares no code with what it judges.
namespace kpmsim::test {

inline constexpr int oracle_orders = 50;
inline constexpr int oracle_tones = 3;

/// A tone between the harmonics.
struct FoundTone {
    long double f_hz{0};
    std::vector<std::complex<long double>> phasors; // rms, by channel
};

struct Fit {
    long double f_hz{0};
    /// By channel: rms phasors of DC (real) and orders 1 to 50 at the middle of the samples.
    std::vector<std::vector<std::complex<long double>>> phasors;
    std::vector<FoundTone> tones; ///< the strongest first
    /// rms that the fit leaves of the first channel, of its fundamental. Above 1e-9 the samples are
    /// no sum of steady sines (an edge lies inside), or of more than these, and nothing here holds.
    long double residual{0};
};

/// shape   channels of equally many samples, `rate_hz` apart; f and the tones are looked for in the
///         first channel. 4 cycles at least; a tone is 2 / duration or more away from every
///         harmonic and every other tone, 1e-8 of the fundamental or more, and twice the next
///         weaker one
/// error   below 1e-9 of the first channel's fundamental for a sum of up to 50 harmonics, DC and 3
///         tones, rounded to double; f to 1e-9 Hz, a tone's to 1e-9 Hz over its part of the
///         fundamental
Fit fit_sines(const std::vector<std::vector<double>>& channels, long double rate_hz);

/// The same where the frequencies are those that another fit found, to 1e-3 Hz; no further tones
/// are looked for.
Fit fit_sines(const std::vector<std::vector<double>>& channels, long double rate_hz,
              const Fit& start);

/// A sample of the fit, `at_s` from the middle.
long double value_at(const Fit& fit, std::size_t channel, long double at_s);

} // namespace kpmsim::test
