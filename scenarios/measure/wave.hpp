#pragma once

#include "recordings/recording.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "sim/clock.hpp"

#include <ostream>
#include <string>

namespace kpmsim {

/// The meter of that name; null when there is none.
const MeterPlan* find_meter(const FarmPlan& plan, const std::string& name);

/// Writes the samples that a meter's converter sees, as CSV, from its first window at or after `at`
/// on.
///
/// shape   # lines with the analytic truth of the first window; then time_s and a column for each
///         channel that the wiring has (ua_v ub_v uc_v ia_a ib_a ic_a; delta: uab_v ucb_v; with
///         several circuits ia1_a … ic4_a), 128 rows a cycle, `cycles` cycles
/// unit    V and A at the meter's terminals; a phase error of the converter is in the samples, its
///         noise, gain and offset are not
void write_wave(const FarmPlan& plan, const MeterPlan& meter, int cycles, SimTime at,
                std::ostream& out);

enum class WaveData {
    samples, ///< what stands at the terminals, as in write_wave()
    codes,   ///< what the converter makes of it: 24-bit codes with gain, offset, noise, clipping;
    ///< errors that the meter makes later (of a current's level, of the crystal) are not in
};

/// The same samples as a recording.
///
/// shape   the channels that the wiring has (terminal_channels(), in capitals), 128 samples a cycle
/// unit    V and A at the terminals, with the ratios of the transformers beside them; a code times
///         its scale is what the meter takes for the value there
/// error   codes: to the bit those of the farm's meter
///         times: one rate goes on while it keeps the end of every window to a nanosecond; a
///         frequency that wanders makes several
Recording wave_recording(const FarmPlan& plan, const MeterPlan& meter, int cycles, SimTime at,
                         WaveData data);

/// Leaves one rate, in whole hertz, for formats that hold nothing else; returns what it was on the
/// average.
double round_rate(Recording& recording);

} // namespace kpmsim
