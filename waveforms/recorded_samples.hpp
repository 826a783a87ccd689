#pragma once

#include "waveforms/load_currents.hpp"
#include "waveforms/supply.hpp"

#include <array>
#include <vector>

namespace kpmsim {

// Voltages and currents that are given sample by sample, as a supply and a load. Nothing is known of
// them but their rows; so a window is taken cycle by cycle of the sample clock. The Fourier series of
// a cycle, orders 0 to 50, is what other loads answer to and what a channel's phase error turns; the
// rest of the rows is added as it stands. Together they are the rows.

/// Phases a, b, c; as many rows as the window has.
using PhaseSamples = std::array<std::vector<double>, 3>;

/// Steps from window to window, so that whole turns can be counted.
class SampledSupply {
public:
    /// unit    V; f_hz is left to who knows it
    /// error   samples: 1e-13 of the largest
    /// Call with adjoining windows. A phase without a fundamental goes on as it would.
    SupplyWindow through(const Window& window, const PhaseSamples& u_v);

    /// It remembers nothing else: a copy goes on as this one does.
    KPMSIM_FIELDS(turned_, begun_);

private:
    __int128 turned_{0}; ///< of phase a at the next window's start; 2^64 = one turn
    bool begun_{false};
};

/// A load that draws these rows.
WindowCurrents recorded_currents(const SupplyWindow& supply, const PhaseSamples& i_a);

} // namespace kpmsim
