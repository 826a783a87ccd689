#pragma once

#include "scenarios/measure/measure.hpp"
#include "sim/metering.hpp"

#include <vector>

namespace kpmsim {

/// A part of a terminal's signal: one of the recording's channels, in volts or amperes at the
/// terminal, with its sign.
struct TerminalTerm {
    std::size_t channel{0}; ///< in TerminalSignals::used
    double sign{1.0};
};

/// How a recording's channels reach a meter's terminals.
struct TerminalSignals {
    struct Used {
        std::size_t index{0}; ///< in the recording
        double factor{1.0};   ///< from its values to V or A at the terminal
    };
    std::vector<Used> used;
    std::vector<std::vector<TerminalTerm>> terminal; ///< by MeteringConfig's channel; empty: 0
    std::vector<MeasuredChannel> shown;
    double pt{1.0}, ct{1.0};    ///< what the meter is told
    std::string u_cure, i_cure; ///< of voltages and currents beyond the converter's range
    int circuits{1};
};

/// Finds them. `recording` of a WAV gets names, units and scales. `ct_included`: the rating's
/// transformer is part of the meter, whose terminals are then the primary side.
std::optional<TerminalSignals> find_signals(Recording& recording, const std::string& path,
                                            const MeasureSpec& spec, Wiring wiring,
                                            bool ct_included, std::vector<Mistake>& mistakes);

} // namespace kpmsim
