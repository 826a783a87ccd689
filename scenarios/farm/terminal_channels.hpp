#pragma once

#include "sim/metering.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// One input of a meter, under the name that it has in recordings.
struct TerminalChannel {
    int index{0};      ///< in the order of MeteringConfig: Ua Ub Uc, then Ia Ib Ic of each circuit
    std::string name;  ///< ua, ucb, ib; with several circuits ib1, ib2, …
    std::string phase; ///< A, CB
    int circuit{0};

    bool is_current() const { return index >= 3; }
    const char* unit() const { return is_current() ? "A" : "V"; }
};

/// The inputs that a meter in this wiring has: star ua ub uc ia ib ic; delta uab ucb ia ib ic, with
/// two transformers without ib.
std::vector<TerminalChannel> terminal_channels(Wiring wiring, int circuits);

} // namespace kpmsim
