#pragma once

#include "waveforms/terminals.hpp"

#include <span>

namespace kpmsim {

/// What stands at a meter's terminals in rows [first_row, last_row) of a window. Where somebody works on the
/// wiring meanwhile, a window is in several such parts, which adjoin.
struct WiredRows {
    int first_row{0};
    int last_row{0};
    WiringSpec wiring;
    SupplyWindow
        seen; ///< the whole window's; against the loads' star point where nothing holds that
    TerminalSpectra terminals;
};

/// As sample() of one wiring: each row is that of its part. Never coherent.
void sample(std::span<const WiredRows> parts, const Random& supply_noise,
            std::span<const AdcChannel> adc, SampleBlock& block);

/// As truth_if_any() of a window that changes, the rows being those of their parts.
void truth_if_any(std::span<const WiredRows> parts, int first, std::span<Readings* const> circuits);

} // namespace kpmsim
