#pragma once

#include "waveforms/spectrum.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What can be said about one voltage and one current, per unit: U1 and the rms of the sine that
/// the current is cut from (or its fundamental, where it is not cut) are 1. DC counts.
struct WaveFigures {
    double p{0};
    double q1{0}; ///< of the fundamentals; positive lags
    double u_rms{0};
    double i_rms{0};
    double i_dc{0};
    double i_1{0};
    double thd_u{0};     ///< percent, orders 2 to 31
    double thd_i{0};     ///< percent, orders 2 to 31
    double thd_i_all{0}; ///< percent, all orders there are
};

/// A periodic wave of the standards' influence tests. The voltage's fundamental stands at 0.
struct PeriodicWave {
    std::string_view name;
    std::vector<Harmonic> voltage; ///< for SupplySpec::harmonics
    Spectrum u;                    ///< the same, with its fundamental, per unit
    Spectrum i;                    ///< per unit, orders 0 to 50: what is sampled
    WaveFigures unlimited;         ///< of the wave with all its orders, in closed form
};

/// quadriform, peaked, fifth-harmonic, phase-fired-90, phase-fired-135, half-wave, square.
///
/// source  IEC 62053-21 and -22 (2003, 2020), OIML R 46: influence quantities
std::span<const PeriodicWave> periodic_waves();
const PeriodicWave* find_wave(std::string_view name); ///< nullptr when there is none

/// The figures of what is left of a wave below order 51, exactly: sums over its orders.
WaveFigures figures_of(const Spectrum& u, const Spectrum& i);

/// sqrt(2) sin(theta) where it conducts, [from, to) in degrees of one turn, and 0 elsewhere.
struct Conduction {
    double from_deg{0};
    double to_deg{0};
};
Spectrum cut_sine(std::span<const Conduction> conducts);

} // namespace kpmsim
