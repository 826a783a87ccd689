#pragma once

#include "waveforms/supply.hpp"

#include <span>

namespace kpmsim {

/// Something begins, ends or moves between the window's first row and its end.
bool changes_within(const Disturbance& d, const Window& window);

/// The spectra with the jumps and notches of a moment; and the moment's levels.
PhaseSpectra reshaped(std::span<const Disturbance> all, const std::array<Turn, 3>& own_phase,
                      PhaseSpectra u, SimTime at);
std::array<double, 3> levels(std::span<const Disturbance> all, const RowTime& t);

/// The rows of a window in which something changes. `u` are the spectra without disturbances, `step`
/// what a nanosecond turns without them.
TransientSamples transient_samples(std::span<const Disturbance> all, const SupplyWindow& window,
                                   const PhaseSpectra& u, std::int64_t step);

} // namespace kpmsim
