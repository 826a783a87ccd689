#pragma once

#include "models/engine/extras.hpp"
#include "waveforms/terminals.hpp"

namespace kpmsim {

/// rms at a circuit's terminals, by its truth and its real transformers; in delta a and c hold Uab and Ucb. Not
/// a number where nothing is.
TerminalRms at_terminals(const Readings& truth, const WiringSpec& wiring, int circuit);

/// What a unit's inputs bear.
Bearable bearable(const MeterSpec& spec, int circuit);

} // namespace kpmsim
