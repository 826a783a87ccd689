#pragma once

#include "sim/metering.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// One input of a meter, under the name that it has in recordings.
struct TerminalChannel {
    int index{0};      ///< in the meter's ChannelList
    std::string name;  ///< ua, ucb, ib, in; with several circuits ib1, ib2, …
    std::string phase; ///< A, CB, N
    int circuit{0};
    int terminal{0}; ///< of the voltages, or of the circuit's currents: its bit in ClipStatus
    bool current{false};

    bool is_current() const { return current; }
    const char* unit() const { return is_current() ? "A" : "V"; }
};

/// The inputs that a meter in this wiring has: star ua ub uc ia ib ic; delta uab ucb ia ib ic, with
/// two transformers without ib; one phase ua ia, and in where the neutral is measured.
std::vector<TerminalChannel> terminal_channels(Wiring wiring, const ChannelList& channels);

} // namespace kpmsim
