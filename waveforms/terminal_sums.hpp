#pragma once

#include "sim/window_sums.hpp"
#include "waveforms/terminals.hpp"

namespace kpmsim {

/// What a window's samples would add up to if the converter had neither steps nor noise: from the
/// phasors at the terminals, with the gain and phase errors of its channels.
///
/// Only for windows without changes, interharmonics and noise of the supply. Phasors count from the
/// phase of Ua, as those of the terminals do.
/// error   rounding only, below 1e-14 of the greatest
void terminal_sums(const TerminalSpectra& terminals, const MeteringConfig& config, int samples,
                   WindowSums& sums);

} // namespace kpmsim
