#pragma once

#include "waveforms/terminals.hpp"

#include <array>

namespace kpmsim {

/// What each voltage channel shows of the three phases, primary volts per volt: row = channel.
/// Star: the phase itself. Delta: Uab, 0, Ucb; without its b lead the reference floats half way
/// between the other two. Multiplied by the phases it wires everything that is a voltage:
/// harmonics, tones, noise.
using Leads = std::array<std::array<double, 3>, 3>;

Leads voltage_leads(const WiringSpec& wiring);

} // namespace kpmsim
