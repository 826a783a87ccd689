#pragma once

#include "files/mistake.hpp"
#include "models/type/meter_type.hpp"
#include "recordings/recording.hpp"
#include "sim/clock.hpp"
#include "sim/meter_state.hpp"
#include "sim/window.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace kpmsim {

/// Which meter measures a recording, and what the recording does not say itself.
struct MeasureSpec {
    const MeterType* type{nullptr};
    std::string rating; ///< code of the currents' rating; empty = the type's first
    std::string wiring; ///< empty = factory
    /// The meter's transformer ratios; unless given, the recording's own, else 1.
    std::optional<double> pt, ct;
    /// The values are the primary side's and go through pt and ct; otherwise the file says which
    /// side they are of, and where it does not (WAV, CSV) they stand at the terminals.
    bool primary{false};
    /// ua, ub, uc (delta: or uab, ubc, ucb), ia, ib, ic (several circuits: ia1 …) -> a channel's name, or
    /// "none" for a terminal without a signal. What is not here is found by name, phase and unit.
    std::map<std::string, std::string> channels;
    /// Volts and amperes at full scale of a WAV in whole numbers.
    std::optional<double> u_full_scale_v, i_full_scale_a;
    int highest_order{max_harmonic}; ///< the recording must carry; lower: less is measured
};

/// One of the recording's channels at one of the meter's terminals.
struct MeasuredChannel {
    std::string terminal; ///< ua
    std::string from;     ///< the recording's name for it; empty: nothing, the terminal is at 0
    std::int64_t recorder_clipped{0};
};

/// A terminal whose signal went beyond the converter's range.
struct ClippedTerminal {
    std::string terminal; ///< ua
    std::uint64_t samples{0};
    std::uint64_t windows{0};
    Window first;     ///< of the windows
    std::string cure; ///< which option brings it back
};

/// One window of a circuit.
struct MeasuredCircuit {
    Readings readings;
    ClipStatus clip;

    double get(Quantity q) const; ///< a reading, ratio or status
};

struct MeasuredWindow {
    Window window;                    ///< SimTime{} = the recording's first sample
    std::uint64_t clipped{0};         ///< samples beyond the converter's full scale, all channels
    std::int64_t recorder_clipped{0}; ///< the recording's samples at an end of their stored range
    std::vector<MeasuredCircuit> circuits;
};

struct Measurement {
    std::string file;
    std::optional<CivilTime> start; ///< of the first sample, if the file says it
    double duration_s{0};
    double rate_hz{0}; ///< the first one
    std::string wiring;
    double pt{1}, ct{1}; ///< as the meter was told
    int highest_order{max_harmonic};
    std::vector<MeasuredChannel> channels;
    std::vector<ClippedTerminal> clipped_terminals; ///< in the meter's order
    std::vector<MeasuredWindow> windows;
    double rest_s{0};                 ///< at the end, too short for a window
    std::vector<std::string> remarks; ///< what was odd in the recording and has been taken

    std::uint64_t clipped() const;
    std::int64_t recorder_clipped() const;
};

/// Reads a recording and puts it through a meter: resampled to a sample clock that is locked to its
/// fundamental, then converter, metering and readings as in a farm.
///
/// The clock starts with the frequency of the first window, so that it is locked from the first
/// sample on; from there it follows as in a meter, a window late. Loops without any current are left
/// out, but for the first.
/// error   resampling: RecordedSignal; f: FrequencyMeter
/// Nothing, and mistakes with place and cure, when the recording or the wishes cannot be.
std::optional<Measurement> measure(const std::string& path, const MeasureSpec& spec,
                                   std::vector<Mistake>& mistakes);

/// The readings that a model has registers for and a recording can give, in the catalogue's order,
/// then clip_u and clip_i. Orders above the highest are left out, and with fewer than all THD is.
std::vector<Quantity> measured_quantities(const MeterType& type, int highest_order);

/// A row a window and circuit: time_s (the window's end after the first sample), circuit, the quantities in
/// the units of the catalogue, clipped, recorder_clipped.
void write_measurement(const Measurement& measurement, const MeterType& type, std::ostream& out);

} // namespace kpmsim
