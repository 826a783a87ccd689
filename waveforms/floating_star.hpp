#pragma once

#include "waveforms/load_currents.hpp"
#include "waveforms/supply.hpp"

#include <functional>
#include <span>

namespace kpmsim {

/// What loads draw together from voltages that stand so against their star point, A rms.
using CurrentsOf = std::function<PhaseSpectra(const PhaseSpectra&)>;

/// The supply as it stands against a star point that nothing holds: it goes where the three currents
/// sum to zero, order by order.
///
/// error   what is left of the fundamental's sum is below 1e-9 of the three currents; of another order
///         it is 0 where some load answers to it, and where none does the star stands at the mean of
///         the phases that draw, and the sum is left to sum_to_zero()
/// Where no point makes the fundamental's sum zero, it stands where the sum is least, no further from
/// the neutral than twice the voltage.
/// In a window that changes, it is solved at each segment's first row, and levels go into the segments;
/// transients and interharmonics stay as they are.
SupplyWindow floating_star(SupplyWindow supply, const CurrentsOf& currents);

/// What loads around one star point draw, times their factors, made to sum to zero: order by order, and
/// row by row in what is added. A current that no load lets go back does not flow: each gives up what it
/// draws of the sum, in proportion to what it draws. So three equal third harmonics vanish, and so does
/// the current of a single phase.
///
/// shape   `rows` of the window; where one of them is in pieces, all are afterwards
/// error   rounding
void sum_to_zero(std::span<WindowCurrents* const> drawn, std::span<const double> factors, int rows);

} // namespace kpmsim
