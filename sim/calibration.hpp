#pragma once

#include "sim/adc.hpp"

namespace kpmsim {

/// One phase on a calibration bench: what the bench's reference says and what the meter reads,
/// sines.
struct CalibrationPoint {
    double u_v{0}, i_a{0}, p_w{0};
    double read_u_v{0}, read_i_a{0}, read_p_w{0};
};

/// What makes a phase read right: factors to its gains, and how much later its current lags than it
/// should.
struct Trim {
    double gain_u{1}, gain_i{1};
    double lag_rad{0}; ///< of the fundamental, a pure delay
};

/// From a point at power factor 1 and one at 0.5, inductive.
///
/// error   that of the readings: gains as U and I, the lag as P at 0.5 over sin 60 degrees.
///         Offsets do not show, for a meter's rms and P are without their means. What a phase's
///         voltage and current lag in common is left: it moves no power.
Trim calibrate(const CalibrationPoint& pf_1, const CalibrationPoint& pf_half);

/// Trims a phase's two channels.
void apply(const Trim& trim, AdcChannel& u, AdcChannel& i);

} // namespace kpmsim
