#pragma once

#include "sim/window.hpp"

#include <array>
#include <complex>
#include <cstdint>
#include <span>

namespace kpmsim {

/// Rms phasors of orders 1 to 31 at [order]; [0] stays 0, for nothing of a meter's CT path passes
/// DC. x = sqrt(2) sum over h of Im{ X_h e^(j h theta) }, theta the phase of the sample clock.
using Phasors = std::array<std::complex<double>, max_harmonic + 1>;

/// The DFT of a window from its cycles added up (see docs/explanation/harmonics.md).
///
/// shape   fold: 128 sums over `cycles` cycles
/// unit    out = `unit` times the codes' unit
/// error   rounding only: below 1e-15 of the greatest order
/// Any thread may call it.
void folded_dft(std::span<const std::int32_t, samples_per_cycle> fold, int cycles, double unit,
                Phasors& out);

} // namespace kpmsim
