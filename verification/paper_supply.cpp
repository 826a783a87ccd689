// Notches. With y the wave √2 Σ Im(X_k e^(jkφ)) inside the notches and 0 outside, its orders are
//     Y_h = j / (√2 π) ∫ y e^(-jhφ) dφ,   Im(z) = (z - z*) / 2j,
// integrals of single exponentials from edge to edge, each in closed form; for h = 0 half of it is the mean.
// The notched wave is X - depth Y, up to the highest order that a spectrum has.
#include "verification/paper_supply.hpp"

#include "waveforms/phase_step.hpp"

#include <cmath>

namespace kpmsim {

namespace {

using Real = long double;
using Complex = std::complex<Real>;

constexpr Real degree = PaperSupply::pi / 180;

Real since(SimTime from, SimTime at, Real ns) {
    return (static_cast<Real>((at - from).count()) + ns) * 1e-9L;
}

Real seconds_of(SimDuration d) { return static_cast<Real>(d.count()) * 1e-9L; }

/// The frequency that the integer step means.
Real meant(double hz) { return static_cast<Real>(step_of(hz)) * (1e9L * 0x1p-64L); }

/// 0 before, 1 once the edge is over, and back after `length`.
Real height(const Disturbance& d, Real t) {
    const Real edge = seconds_of(d.edge);
    const auto rise = [&](Real x) { return x < 0 ? 0.0L : x < edge ? x / edge : 1.0L; };
    return rise(t) - rise(t - seconds_of(d.length));
}

/// Its integral from 0 to t.
Real area(const Disturbance& d, Real t) {
    const Real edge = seconds_of(d.edge);
    const auto rise = [&](Real x) {
        return x <= 0 ? 0 : x < edge ? x * x / (2 * edge) : x - edge / 2;
    };
    return rise(t) - rise(t - seconds_of(d.length));
}

/// ∫ e^(jmφ) dφ.
Complex integral(int m, Real from, Real to) {
    if (m == 0)
        return to - from;
    return (std::polar(1.0L, m * to) - std::polar(1.0L, m * from)) / Complex{0, Real(m)};
}

bool is_on(const Disturbance& d, Real t) { return t >= 0 && t < seconds_of(d.length); }

} // namespace

Real PaperSupply::turns(SimTime from, Real ns) const {
    Real sum = meant(spec_.f_hz) * since(SimTime{}, from, ns);
    for (const Disturbance& d : spec_.disturbances)
        if (d.kind == DisturbanceKind::frequency)
            sum += meant(d.hz) * area(d, since(d.start, from, ns));
    return sum;
}

PaperSupply::Wave PaperSupply::cut(const Disturbance& notches, const Wave& whole) const {
    const Real root2 = std::sqrt(2.0L);
    const int orders = Spectrum::orders;
    Wave out = whole;
    for (int h = 0; h < orders; ++h)
        for (int n = 0; n < notches.per_cycle; ++n) {
            const Real from = notches.angle_deg * degree + 2 * pi * n / notches.per_cycle;
            const Real to = from + notches.width_deg * degree;
            Complex missing = whole[0] * integral(-h, from, to); // of y e^(-jhφ)
            for (int k = 1; k < orders; ++k) {
                const Complex x = whole[static_cast<std::size_t>(k)];
                missing +=
                    root2 *
                    (x * integral(k - h, from, to) - std::conj(x) * integral(-k - h, from, to)) /
                    Complex{0, 2};
            }
            const Complex part = h == 0 ? Complex{1 / (2 * pi), 0} : Complex{0, 1 / (root2 * pi)};
            out[static_cast<std::size_t>(h)] -= Real{notches.depth} * part * missing;
        }
    return out;
}

const PaperSupply::Wave& PaperSupply::wave(std::size_t phase, std::uint64_t on) const {
    const auto [at, is_new] = waves_.try_emplace({phase, on});
    Wave& x = at->second;
    if (!is_new)
        return x;
    x.resize(Spectrum::orders);
    const Real whole = static_cast<Real>(spec_.u_v) * spec_.magnitude[phase];
    const auto add = [&](const std::vector<Harmonic>& harmonics) {
        for (const Harmonic& h : harmonics)
            x[static_cast<std::size_t>(h.order)] +=
                std::polar(whole * h.fraction, h.angle_deg * degree);
    };
    x[0] = spec_.dc_v;
    x[1] = whole;
    add(spec_.harmonics);
    add(spec_.phase_harmonics[phase]);
    const auto each = [&](DisturbanceKind kind, const auto& act) {
        for (std::size_t n = 0; n < spec_.disturbances.size(); ++n)
            if (const Disturbance& d = spec_.disturbances[n];
                d.kind == kind && d.phases[phase] && (on >> n & 1) != 0)
                act(d);
    };
    each(
        DisturbanceKind::harmonics,
        [&](const Disturbance& d) {
            add(d.harmonics);
            x[0] += Real{d.volts};
        });
    each(DisturbanceKind::notches, [&](const Disturbance& d) { x = cut(d, x); });
    return x;
}

Real PaperSupply::volts(std::size_t phase, SimTime from, Real ns) const {
    const Real root2 = std::sqrt(2.0L);
    Real base = 1, level = 1, added = 0, jump = 0;
    std::uint64_t on = 0;
    for (std::size_t n = 0; n < spec_.disturbances.size(); ++n) {
        const Disturbance& d = spec_.disturbances[n];
        if (!d.phases[phase])
            continue;
        const Real t = since(d.start, from, ns);
        if (d.kind == DisturbanceKind::level)
            level *= 1 + (d.factor - 1.0L) * height(d, t);
        if (d.kind == DisturbanceKind::set_level)
            base += height(d, t) * (d.factor - base);
        if (!is_on(d, t))
            continue;
        const Real turned = meant(d.hz) * t;
        if (d.kind == DisturbanceKind::flicker_sine)
            level *= 1 + d.depth / 2.0L * std::sin(2 * pi * turned);
        if (d.kind == DisturbanceKind::flicker_square)
            level *= 1 + (turned - std::floor(turned) < 0.5L ? 0.5L : -0.5L) * d.depth;
        if (d.kind == DisturbanceKind::phase_jump)
            jump += d.angle_deg;
        if (d.kind == DisturbanceKind::oscillation)
            added += d.volts * std::exp(-t / seconds_of(d.decay)) * std::sin(2 * pi * turned);
        if (d.kind == DisturbanceKind::impulse)
            added +=
                d.volts * (std::exp(-t / seconds_of(d.decay)) - std::exp(-t / seconds_of(d.front)));
        on |= d.kind == DisturbanceKind::notches || d.kind == DisturbanceKind::harmonics
                  ? std::uint64_t{1} << n
                  : 0;
    }
    const Wave& of = wave(phase, on);
    const Complex own =
        std::polar(1.0L, 2 * pi * (turns(from, ns) + (spec_.angle_deg[phase] + jump) / 360.0L));
    Real x = 0;
    Complex turned = own;
    for (std::size_t h = 1; h < of.size(); ++h, turned *= own)
        x += (of[h] * turned).imag();
    x *= root2;
    x += of[0].real();
    const Real whole = root2 * spec_.u_v * spec_.magnitude[phase];
    for (const Interharmonic& tone : spec_.interharmonics)
        x += whole * tone.fraction *
             std::sin(2 * pi *
                      (meant(tone.hz) * since(SimTime{}, from, ns) +
                       (tone.angle_deg + spec_.angle_deg[phase]) / 360.0L));
    return base * level * x + added;
}

} // namespace kpmsim
