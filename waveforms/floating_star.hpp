#pragma once

#include "waveforms/supply.hpp"

#include <functional>

namespace kpmsim {

/// What loads draw together from voltages that stand so against their star point, A rms.
using CurrentsOf = std::function<PhaseSpectra(const PhaseSpectra&)>;

/// The supply as it stands against a star point that nothing holds: it goes where the three currents
/// sum to zero, order by order.
///
/// error   what is left of the fundamental's sum is below 1e-9 of the three currents; of another order
///         it is 0 where the loads answer to it linearly, and stays as it is where they do not answer
/// In a window that changes, it is solved at each segment's first row, and levels go into the segments;
/// transients and interharmonics stay as they are.
SupplyWindow floating_star(SupplyWindow supply, const CurrentsOf& currents);

} // namespace kpmsim
