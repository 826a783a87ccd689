#pragma once

#include "sim/quantity.hpp"

namespace kpmsim {

/// What a meter's converters cannot tell apart, at the primary. A load that stays reads the same but
/// for the rounding of its codes, which moves with the samples along the sine; a maximum that only
/// this has raised is no new one.
///
/// unit    V and A: one code; VA, of a phase: one code of a full-scale U times full-scale I. What has no
///         size of its own has a step of our choice, above what rounding does and below what the
///         meters' accuracies promise: f 1 mHz, PF 0.0001, unbalance and THD 0.01 %, angles 0.001
///         degrees, residual current 1 uA
/// error   readings of one and the same load differ by less, as long as U and I together are no more
///         than full scale (|u| / Ufs + |i| / Ifs <= 1, means; rated: 0.6)
/// source  docs/explanation/energy-and-demand.md, "Maxima"
struct Resolution {
    double u_v{0};
    double i_a{0};
    double s_va{0};

    /// Of a reading in the unit of the catalogue; 0 of a temperature, which its sensor gives in steps.
    double of(Slot slot) const;
};

} // namespace kpmsim
