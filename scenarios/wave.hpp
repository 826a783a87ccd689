#pragma once

#include "scenarios/farm_plan.hpp"
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
///         channel (ua_v ub_v uc_v ia_a ib_a ic_a; with several loops ia1_a … ic4_a), 128 rows a
///         cycle, `cycles` cycles
/// unit    V and A at the meter's terminals; a phase error of the converter is in the samples, its
///         noise, gain and offset are not
void write_wave(const FarmPlan& plan, const MeterPlan& meter, int cycles, SimTime at,
                std::ostream& out);

} // namespace kpmsim
