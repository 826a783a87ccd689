#pragma once

#include "verification/kind.hpp"

#include <functional>
#include <vector>

namespace kpmsim {

/// A wave over an interval of 10 s at a fixed rate, as a case of the frequency kind describes it.
struct IntervalWave {
    Parameter f{50.0}; ///< Hz
    Parameter rate_hz{8000.0};
    bool harmonics{true};
    bool dips{false};                       ///< to 10 % and to nothing
    double noise_db{0};                     ///< below 0: instead of the converter's
    std::vector<std::vector<double>> tones; ///< orders, fractions, degrees instead of harmonics
    double changes{0}, depth{0};            ///< rectangular flicker, a minute; peak to peak
};

void take(TomlTable& signal, IntervalWave& wave);

/// Of the fundamental at a time in seconds.
using Turns = std::function<double(double)>;

/// One channel before its converter, of full scale.
struct IntervalSamples {
    std::vector<double> rows;
    double rate_hz;
    double f_hz; ///< that was written
};

/// 90 % of full scale without harmonics, 60 % with them (random angles).
std::vector<double> harmonic_rows(double seconds, double rate_hz, const Turns& turns,
                                  bool harmonics, Draw& draw);

/// A steady frequency; only the amplitude changes.
IntervalSamples steady_samples(const IntervalWave& wave, Draw& draw);

/// rms of the mode's converter, or the wave's own.
double noise_of(const IntervalWave& wave, Mode mode);

} // namespace kpmsim
