#pragma once

#include "waveforms/basis.hpp"
#include "waveforms/channels.hpp"
#include "waveforms/coefficients.hpp"

#include <array>

namespace kpmsim {

/// Rows [first, last) of three channels, each row at the basis's own phase; the basis must reach
/// their highest order.
void synthesise_rows(const Basis& basis, const std::array<Coefficients, 3>& of, int first, int last,
                     const ThreeChannels& out);

} // namespace kpmsim
