#pragma once

#include <array>
#include <complex>

namespace kpmsim {

/// One voltage or current as its DC and rms phasors of orders 1 to 50.
///
/// unit    volts or amperes; [0] is DC and real
/// source  x = X0 + sqrt(2) sum over h of Im{ X_h e^(j h theta) }, as sim/folded_dft.hpp
using OrderPhasors = std::array<std::complex<double>, 51>;

/// The powers of one phase.
///
/// unit    W, var, VA; volts and amperes
/// error   rounding only, 2e-15 of s squared, for what the phasors hold
/// source  IEEE Std 1459-2010, 3.1.2
struct PhasePowers {
    double u{}, u1{}, uh{}; // rms; of the fundamental; of all else, DC among it
    double i{}, i1{}, ih{};
    double p{}, p1{}, ph{};  // active: total, of the fundamental, of all else
    double q1{};             // of the fundamental, positive when the current lags
    double q_budeanu{};      // sum over the orders of U I sin phi, for comparison
    double s{}, s1{}, sn{};  // apparent: total, of the fundamental, the rest: sn^2 = s^2 - s1^2
    double di{}, dv{}, sh{}; // sn^2 = di^2 + dv^2 + sh^2: U1 IH, UH I1, UH IH
    double dh{};             // sh^2 = ph^2 + dh^2
    double n{};              // nonactive: s^2 = p^2 + n^2
    double pf{}, pf1{};      // p / s, p1 / s1; 0 without apparent power
};
PhasePowers phase_powers(const OrderPhasors& u, const OrderPhasors& i);

/// The effective quantities of a three-phase system.
///
/// source  IEEE Std 1459-2010, 3.2.2 and 3.2.3
struct EffectivePowers {
    double ue{}, ue1{}, ueh{}; // equivalent phase-to-neutral voltage
    double ie{}, ie1{}, ieh{};
    double p{};
    double se{}, se1{}, sen{};
    double dei{}, dev{}, seh{};             // sen^2 = dei^2 + dev^2 + seh^2
    double s1_plus{}, p1_plus{}, q1_plus{}; // positive sequence of the fundamental
    double su1{};                           // unbalanced fundamental: su1^2 = se1^2 - s1_plus^2
    double n{};                             // nonactive: se^2 = p^2 + n^2
    double pf{};                            // p / se
};
using ThreePhasors = std::array<OrderPhasors, 3>;
/// Four wires: phase-to-neutral voltages, the neutral's current is minus the sum of the others.
EffectivePowers effective_powers_4wire(const ThreePhasors& u, const ThreePhasors& i);
/// Three wires: voltages against any common point, which does not matter as long as the currents
/// add up to nothing.
EffectivePowers effective_powers_3wire(const ThreePhasors& u, const ThreePhasors& i);

/// Apparent power of three phases by the older definitions.
///
/// source  IEEE Std 1459-2010, 3.2.2.2 and annex A
struct SystemApparent {
    double arithmetic{}; // sum of the phases' s: what the KPM meters show
    double vector{};     // sqrt(p^2 + q^2 + d^2), each a sum over the phases, q and d Budeanu's
    double p_and_q1{};   // sqrt(p^2 + q1^2): of meters that know no distortion power
};
SystemApparent system_apparent(const std::array<PhasePowers, 3>& phases);

} // namespace kpmsim
