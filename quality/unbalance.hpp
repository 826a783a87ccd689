#pragma once

#include <complex>
#include <span>

namespace kpmsim {

/// Symmetrical components of three phasors (Fortescue).
struct SequenceComponents {
    std::complex<double> zero, positive, negative;
};

/// source  positive = (a + e^(j120) b + e^(-j120) c) / 3 for a, b, c in the order of rotation
SequenceComponents sequence_components(std::complex<double> a, std::complex<double> b,
                                       std::complex<double> c);

/// Unbalance by its several definitions, all as fractions.
///
/// error   rounding only, below 1e-14 absolute
/// Negative sequence over positive: IEC 61000-4-30, 5.7. 0 when both are 0.
double unbalance_u2(const SequenceComponents& s);
/// Zero sequence over positive.
double unbalance_u0(const SequenceComponents& s);
/// u2 from three line voltages' rms alone, for connections without a neutral: IEC 61000-4-30, 5.7.1.
double unbalance_from_line_voltages(double u_ab, double u_bc, double u_ca);
/// Greatest deviation from the mean over the mean: of line voltages it is NEMA MG-1's, of phase
/// values that of many meters.
double max_deviation(std::span<const double> rms);
/// (max - min) / mean, as the KPM meters show it.
double spread(std::span<const double> rms);

} // namespace kpmsim
