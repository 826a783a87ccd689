#include "waveforms/load.hpp"

#include "waveforms/influence.hpp"
#include "waveforms/load_profile.hpp"
#include "waveforms/powers.hpp"
#include "waveforms/sine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <utility>

// A load draws, in one phase, a fundamental I1 that stands phi behind U1, and harmonics that are
// fixed fractions of it:
//     I_h = |I1| s_h e^(j h arg I1),   s_h = fraction e^(j angle).
// With phi given, arg I1 = arg U1 - phi is known, and the active power of all orders together is
//     P = |I1| (|U1| cos phi + sum over h of Re{ U_h conj(s_h e^(j h arg I1)) }) = |I1| W.
// So |I1| = P / W draws the P that was asked for, from a distorted voltage too. An export has
// cos phi < 0, W < 0 and P < 0. Angles are never taken: e^(j h arg I1) is the h-th power of a unit
// phasor.

namespace kpmsim {
namespace {

using Complex = std::complex<double>;

struct Draw {
    double p_w{0.0}; ///< negative exports
    double cos_phi{1.0};
    double sin_phi{0.0}; ///< positive: the current lags
};

/// Below this part of the nominal voltage a phase counts as dead (IEC 61000-4-30's usual threshold
/// of an interruption) and a load that holds its power or current has dropped out.
constexpr double dead_fraction = 0.05;

/// Of a cage motor's reactive power at its rating, what magnetises it. Four-pole machines idle at
/// about 0.4 of their rated current, nearly all of it reactive, and run at pf 0.85 (sin 0.53).
constexpr double magnetising_share = 0.75;

void add_shape(const std::vector<Harmonic>& list, Spectrum& shape) {
    for (const Harmonic& h : list)
        if (h.order >= 2 && h.order < Spectrum::orders)
            shape[h.order] += h.fraction * phasor(turn_of_degrees(h.angle_deg));
}

/// The current of one ampere's fundamental, `draw.phi` behind the voltage's.
Spectrum unit_current(const Load& load, const Draw& draw, Complex u1) {
    const Complex direction = u1 / std::sqrt(std::norm(u1)) * Complex{draw.cos_phi, -draw.sin_phi};
    const Powers turned{direction, load.highest};
    Spectrum i;
    for (std::size_t h = 1; h <= static_cast<std::size_t>(load.highest); ++h)
        i.rms[h] = load.shape.rms[h] * turned[h];
    return i;
}

/// Four sums side by side, which do not wait for one another.
double power(const Spectrum& u, const Spectrum& i, int highest) {
    std::array<double, 4> p{};
    for (std::size_t h = 1; h <= static_cast<std::size_t>(highest); ++h)
        p[h % 4] += u.rms[h].real() * i.rms[h].real() + u.rms[h].imag() * i.rms[h].imag();
    return (p[0] + p[1]) + (p[2] + p[3]);
}

void scale(Spectrum& i, double by) {
    for (Complex& x : i.rms)
        x *= by;
}

/// cos phi1 and its side, for a power of this sign. Inductive is Q > 0 whichever way P flows.
Draw draw_of(double p_w, double pf, bool capacitive) {
    const double c = std::clamp(std::abs(pf), 0.0, 1.0);
    const double s = std::sqrt(1.0 - c * c);
    return {p_w, p_w < 0.0 ? -c : c, capacitive ? -s : s};
}

Spectrum constant_power(const Draw& draw, const Load& load, const Spectrum& u) {
    Spectrum i = unit_current(load, draw, u[1]);
    const double watts_per_ampere = power(u, i, load.highest);
    const double amperes = draw.p_w / watts_per_ampere;
    // A pf of zero cannot carry an active power.
    scale(i, std::isfinite(amperes) && amperes > 0.0 ? amperes : 0.0);
    return i;
}

Spectrum constant_current(double i_a, const Draw& draw, const Load& load, const Spectrum& u) {
    Spectrum i = unit_current(load, draw, u[1]);
    scale(i, i_a / std::sqrt(load.square));
    return i;
}

/// The current of a resistance that takes `p_w` at nominal voltage; the shape adds to it.
Spectrum resistive(double p_w, const Load& load, const Spectrum& u) {
    const double siemens = p_w / (load.spec.nominal_u_v * load.spec.nominal_u_v);
    Spectrum i = u;
    scale(i, siemens);
    const double i1_a = std::sqrt(std::norm(i[1]));
    if (i1_a > 0.0) {
        const Spectrum extra = unit_current(load, {}, u[1]);
        for (int h = 2; h < Spectrum::orders; ++h)
            i[h] += i1_a * extra[h];
    }
    return i;
}

/// I = j h w C U, w C = Q / U^2.
Spectrum capacitors(double q_var, double nominal_u_v, const Spectrum& u) {
    const double siemens = q_var / (nominal_u_v * nominal_u_v);
    Spectrum i;
    for (int h = 1; h < Spectrum::orders; ++h)
        i[h] = Complex{0.0, siemens * h} * u[h];
    return i;
}

/// Order h of the wave turned by h times the voltage's angle; DC as it is.
Spectrum test_wave(const PeriodicWave& wave, double i_a, Complex u1) {
    const Complex direction = u1 / std::sqrt(std::norm(u1));
    const Powers turned{direction};
    Spectrum i;
    for (std::size_t h = 0; h < i.rms.size(); ++h)
        i.rms[h] = i_a * wave.i.rms[h] * turned[h];
    return i;
}

/// Shaft power holds P. The magnetising part of Q goes with the square of the voltage and not with
/// the load; the leakage's goes with the square of the current.
Draw motor_draw(const LoadSpec& load, double rated_p_w, double u_of_nominal) {
    const Draw rated = draw_of(rated_p_w, load.pf, load.capacitive);
    const double rated_q_var = rated_p_w * rated.sin_phi / rated.cos_phi;
    const double current = load.scale / u_of_nominal;
    const double q_var = rated_q_var * (magnetising_share * u_of_nominal * u_of_nominal +
                                        (1.0 - magnetising_share) * current * current);
    const double p_w = rated_p_w * load.scale;
    const double s_va = std::sqrt(p_w * p_w + q_var * q_var);
    return {p_w, p_w / s_va, q_var / s_va};
}

/// What a load draws in one of its phases; nothing in those that it is not connected to.
double power_in(const LoadSpec& load, const std::array<double, 3>& p_w, std::size_t phase) {
    if (!load.one_phase)
        return p_w[phase];
    return static_cast<std::size_t>(*load.one_phase) == phase ? p_w[0] + p_w[1] + p_w[2] : 0.0;
}

double current_in(const LoadSpec& load, std::size_t phase) {
    if (!load.one_phase)
        return load.i_a[phase];
    const auto greatest =
        std::max_element(load.i_a.begin(), load.i_a.end(),
                         [](double x, double y) { return std::abs(x) < std::abs(y); });
    return static_cast<std::size_t>(*load.one_phase) == phase ? *greatest : 0.0;
}

double of_nominal(const LoadSpec& load, const Spectrum& u) {
    return std::sqrt(std::norm(u[1])) / load.nominal_u_v;
}

/// Of a load that holds its power or its current, on a phase that is not dead.
Spectrum held_current(const Load& ready, std::size_t phase, const ProfileDraw& row,
                      const Spectrum& u) {
    const LoadSpec& load = ready.spec;
    const double rated_p_w = power_in(load, load.p_w, phase);
    const double p_w = rated_p_w * load.scale;
    const double u_of_nominal = of_nominal(load, u);
    switch (load.kind) {
    case LoadKind::constant_current: {
        const double i_a = current_in(load, phase) * load.scale;
        return constant_current(std::abs(i_a), draw_of(i_a, load.pf, load.capacitive), ready, u);
    }
    case LoadKind::motor:
        if (p_w == 0.0)
            return {};
        return constant_power(motor_draw(load, rated_p_w, u_of_nominal), ready, u);
    case LoadKind::ev_charger: {
        // Holds its current below nominal voltage, its power above.
        const double held = std::min(u_of_nominal, 1.0);
        return constant_power(draw_of(p_w * held, load.pf, load.capacitive), ready, u);
    }
    case LoadKind::pv_inverter:
        return constant_power(draw_of(-p_w, load.pf, load.capacitive), ready, u);
    case LoadKind::test_wave:
        return load.wave == nullptr
                   ? Spectrum{}
                   : test_wave(*load.wave, current_in(load, phase) * load.scale, u[1]);
    case LoadKind::profile:
        return constant_power(
            draw_of(power_in(load, row.p_w, phase) * load.scale, row.pf, std::signbit(row.pf)),
            ready, u);
    case LoadKind::constant_power:
    case LoadKind::led:
    case LoadKind::six_pulse_drive:
    case LoadKind::resistive:
    case LoadKind::capacitors:
        break;
    }
    return constant_power(draw_of(p_w, load.pf, load.capacitive), ready, u);
}

Spectrum phase_current(const Load& ready, std::size_t phase, const ProfileDraw& row,
                       const Spectrum& u, StarPoint star) {
    const LoadSpec& load = ready.spec;
    if (load.kind == LoadKind::resistive)
        return resistive(power_in(load, load.p_w, phase) * load.scale, ready, u);
    if (load.kind == LoadKind::capacitors)
        return capacitors(load.q_var[phase] * load.scale, load.nominal_u_v, u);
    const double of_edge = of_nominal(load, u) / dead_fraction;
    if (of_edge >= 1.0)
        return held_current(ready, phase, row, u);
    if (star == StarPoint::held || of_edge == 0.0)
        return {};
    Spectrum at_edge = u;
    at_edge[1] /= of_edge;
    return scaled(of_edge, held_current(ready, phase, row, at_edge));
}

struct KindName {
    LoadKind kind;
    std::string_view name;
};
constexpr std::array<KindName, 11> kind_names{{
    {LoadKind::constant_power, "constant-power"},
    {LoadKind::constant_current, "constant-current"},
    {LoadKind::resistive, "resistive"},
    {LoadKind::motor, "motor"},
    {LoadKind::led, "led"},
    {LoadKind::six_pulse_drive, "six-pulse-drive"},
    {LoadKind::ev_charger, "ev-charger"},
    {LoadKind::pv_inverter, "pv-inverter"},
    {LoadKind::profile, "profile"},
    {LoadKind::capacitors, "capacitors"},
    {LoadKind::test_wave, "test-wave"},
}};

} // namespace

Load::Load(LoadSpec written) : spec{std::move(written)} {
    shape[1] = 1.0;
    add_shape(kind_spectrum(spec.kind), shape);
    add_shape(spec.harmonics, shape);
    square = 0.0;
    for (int h = 1; h < Spectrum::orders; ++h) {
        square += std::norm(shape[h]);
        if (shape[h] != Complex{})
            highest = h;
    }
}

PhaseSpectra currents(const Load& load, const PhaseSpectra& u, SimTime at, StarPoint star) {
    const LoadSpec& spec = load.spec;
    const ProfileDraw row =
        spec.kind == LoadKind::profile
            ? read_profile(spec.profile.rows(), spec.profile_shape, spec.profile_end, at)
            : ProfileDraw{};
    PhaseSpectra i;
    for (std::size_t p = 0; p < 3; ++p)
        i[p] = phase_current(load, p, row, u[p], star);
    return i;
}

SimTime steady_until(const LoadSpec& load, SimTime at) {
    if (load.burst.off > 0)
        return at;
    return load.kind == LoadKind::profile
               ? profile_steady_until(load.profile.rows(), load.profile_shape, load.profile_end, at)
               : SimTime::max();
}

std::string_view name_of(LoadKind kind) {
    for (const KindName& k : kind_names)
        if (k.kind == kind)
            return k.name;
    return {};
}

bool load_kind_from(std::string_view name, LoadKind& out) {
    for (const KindName& k : kind_names)
        if (k.name == name) {
            out = k.kind;
            return true;
        }
    return false;
}

} // namespace kpmsim
