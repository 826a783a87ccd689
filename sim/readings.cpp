// The catalogue's definitions, from a window's rms values and phasors.
//
// Symmetrical components, a = e^(j 120 deg), of the fundamentals:
//   X0 = (Xa + Xb + Xc) / 3,  X+ = (Xa + a Xb + a^2 Xc) / 3,  X- = (Xa + a^2 Xb + a Xc) / 3
// A three-wire meter sees no neutral. Its phase voltages are those of the balanced star (no zero
// sequence) that has its line voltages: Ua = (Uab - Uca) / 3 and so on round. Angles count from
// there; harmonics and distortion of "u_a, u_b, u_c" are those of Uab, Ubc, Uca.
#include "sim/readings.hpp"

#include "sim/angle.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

using Phasor = std::complex<double>;
using Three = std::array<Phasor, 3>;

double magnitude(const Phasor& x) { return std::sqrt(std::norm(x)); }

Three fundamentals(const std::array<Phasors, 3>& x) { return {x[0][1], x[1][1], x[2][1]}; }

Three phase_voltages(const VoltageWindow& u) {
    const Three x = fundamentals(u.x);
    if (u.star)
        return x;
    return {(x[0] - x[2]) / 3.0, (x[1] - x[0]) / 3.0, (x[2] - x[1]) / 3.0};
}

struct Sequence {
    double zero, positive, negative;
};

Sequence sequence_of(const Three& x) {
    const Phasor a{-0.5, std::numbers::sqrt3 / 2};
    const Phasor b{-0.5, -std::numbers::sqrt3 / 2};
    return {magnitude(x[0] + x[1] + x[2]) / 3, magnitude(x[0] + a * x[1] + b * x[2]) / 3,
            magnitude(x[0] + b * x[1] + a * x[2]) / 3};
}

double percent(double part, double whole, double dead) {
    return whole > dead ? 100 * part / whole : 0;
}

double unbalance(const std::array<double, 3>& rms, double dead) {
    const auto [low, high] = std::minmax({rms[0], rms[1], rms[2]});
    return percent(high - low, (rms[0] + rms[1] + rms[2]) / 3, dead);
}

/// By how many degrees `x` lags `reference`, 0 to 360.
double lag_deg(const Phasor& reference, const Phasor& x) {
    double lag = 360 * turns_of(reference * std::conj(x));
    if (lag < 0)
        lag += 360;
    return lag < 360 ? lag : 0; // a hair below 0 rounds to 360
}

/// Rms of the orders and their distortion.
void harmonics(const Phasors& x, int channel, double dead, Readings& r) {
    double square = 0;
    double* h = &r[harmonic_slot(channel, 1)];
    for (std::size_t order = 1; order <= max_harmonic; ++order) {
        const double norm = std::norm(x[order]);
        h[order - 1] = std::sqrt(norm);
        square += order > 1 ? norm : 0;
    }
    r[slot_at(Slot::thd_u_a, channel)] = percent(std::sqrt(square), h[0], dead);
}

/// The first voltage that is alive, Ua if it can be.
Phasor reference_of(const Three& x, const std::array<double, 3>& dead) {
    for (std::size_t c = 0; c < 3; ++c)
        if (magnitude(x[c]) > dead[c])
            return x[c];
    return 0;
}

void angles(const Phasor& reference, const Three& x, const std::array<double, 3>& dead, int phases,
            Slot first, Readings& r) {
    const bool any = std::norm(reference) > 0;
    for (int c = 0; c < phases; ++c) {
        const auto i = static_cast<std::size_t>(c);
        r[slot_at(first, c)] = any && magnitude(x[i]) > dead[i] ? lag_deg(reference, x[i]) : 0;
    }
}

double power_factor(double p, double s) { return s > 0 ? p / s : 0; }

} // namespace

void voltage_readings(const VoltageWindow& u, Readings& r) {
    r[Slot::f] = u.f_hz;
    for (int c = 0; c < u.phases; ++c) {
        const auto i = static_cast<std::size_t>(c);
        r[slot_at(Slot::u_a, c)] = u.phase_rms[i];
        harmonics(u.x[i], c, u.dead[i], r);
    }
    if (u.phases == 1)
        return;
    const Three star = phase_voltages(u);
    for (int c = 0; c < 3; ++c)
        r[slot_at(Slot::u_ab, c)] = u.line_rms[static_cast<std::size_t>(c)];
    const Sequence sequence = sequence_of(star);
    r[Slot::u_zero] = u.star ? sequence.zero : 0;
    r[Slot::u_pos] = sequence.positive;
    r[Slot::u_neg] = sequence.negative;
    r[Slot::unb_u2] = percent(sequence.negative, sequence.positive, u.dead[0]);
    r[Slot::unb_u0] = percent(r[Slot::u_zero], sequence.positive, u.dead[0]);
    r[Slot::unb_u] = unbalance(u.star ? u.phase_rms : u.line_rms, u.dead[0]);
    angles(reference_of(star, u.dead), star, u.dead, u.phases, Slot::angle_u_a, r);
}

void current_readings(const VoltageWindow& u, const CurrentWindow& i, Readings& r) {
    double p = 0;
    double q = 0;
    double s = 0;
    for (int c = 0; c < u.phases; ++c) {
        const auto n = static_cast<std::size_t>(c);
        const double s_phase = u.star && i.started[n] ? u.phase_rms[n] * i.rms[n] : 0;
        const double p_phase = u.star ? i.p_w[n] : 0;
        r[slot_at(Slot::i_a, c)] = i.rms[n];
        r[slot_at(Slot::p_a, c)] = p_phase;
        r[slot_at(Slot::q_a, c)] = u.star ? i.q_var[n] : 0;
        r[slot_at(Slot::s_a, c)] = s_phase;
        r[slot_at(Slot::pf_a, c)] = power_factor(p_phase, s_phase);
        p += i.p_w[n];
        q += i.q_var[n];
        s += s_phase;
        harmonics(i.x[n], 3 + c, i.dead[n], r);
    }
    if (!u.star && i.started[0])
        s = std::numbers::sqrt3 * (u.line_rms[0] + u.line_rms[1] + u.line_rms[2]) / 3 *
            (i.rms[0] + i.rms[1] + i.rms[2]) / 3;
    r[Slot::p] = p;
    r[Slot::q] = q;
    r[Slot::s] = s;
    r[Slot::pf] = power_factor(p, s);
    r[Slot::i_n] = i.neutral_rms;
    const Three x = fundamentals(i.x);
    angles(reference_of(phase_voltages(u), u.dead), x, i.dead, u.phases, Slot::angle_i_a, r);
    if (u.phases == 1)
        return;
    const Sequence sequence = sequence_of(x);
    r[Slot::i_zero] = sequence.zero;
    r[Slot::i_pos] = sequence.positive;
    r[Slot::i_neg] = sequence.negative;
    r[Slot::unb_i] = unbalance(i.rms, i.dead[0]);
}

} // namespace kpmsim
