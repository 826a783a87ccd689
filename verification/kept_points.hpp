#pragma once

#include "models/engine/meter.hpp"
#include "verification/paper_kept.hpp"
#include "verification/paper_months.hpp"
#include "verification/paper_readings.hpp"
#include "verification/some_meter.hpp"

namespace kpmsim {

/// What stands on paper of one circuit.
struct KeptPaper {
    const SomeMeter& meter;
    const PaperMeter& converter;
    const Values& now;
    const Values& deviations;
    const PaperMonths& months;
    const PaperKept& kept;
    Scale scale;
};

/// Reads each point of a circuit that tells of its past, of a limit or of its output, and holds it to paper.
///
///   frozen             energies and greatest demands as the last freeze has them, and when that was
///   days               energies of today and of two days before
///   month statistics   power factors and hours of months
///   hours              with supply, with a load
///   extremes           the greatest and the least of readings; also against noise
///   pulses             how many, and the moment of the last one in parts of the time between two
///   pulses of samples  that moment in windows whose samples say it, s: off an even pace, times PF
///   values there       readings, freezes and power factors that mean nothing, and whether the meter says so
///   alarms             over and under the menu's thresholds; inputs; voltages out of the measuring range
///   output             mA of the analogue output, within its range
///   tables             entries of the tariff tables
void check_kept(const Circuit& circuit, const KeptPaper& paper, Errors& errors);

} // namespace kpmsim
