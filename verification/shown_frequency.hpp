#pragma once

#include "verification/interval_wave.hpp"
#include "verification/rig.hpp"

#include <vector>

namespace kpmsim {

/// What a meter shows of a wave's frequency, window after window for ten seconds.
struct ShownFrequency {
    Window window;
    double f_hz;
};

/// The wave of an interval on all phases of a meter, once its clock stands; dips, gaps, flicker, tones
/// and noise as in the interval, at moments of its own. `changes`: when the voltage changed.
std::vector<ShownFrequency> shown_frequency(const IntervalWave& wave, double f_hz,
                                            double converter_noise, Draw& draw,
                                            std::vector<SimTime>& changes);
/// The same for a frequency that goes from f_hz up or down by 1 Hz/s (`slope`) from `ramp` on.
std::vector<ShownFrequency> shown_ramp(double f_hz, double slope, double converter_noise,
                                       Draw& draw, SimTime& ramp);

} // namespace kpmsim
