#include "waveforms/disturbance.hpp"

#include "waveforms/decay.hpp"
#include "waveforms/phase_step.hpp"
#include "waveforms/sine.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdlib>

// Everything is a function of the moment, not of how one came there, so that windows may be cut as
// one likes. A row lies at start + n length / samples, which is i + p/q nanoseconds.
//
// Phase. While f rises by d (2^64 = one turn a nanosecond) within E nanoseconds, the phase goes
// further by d t^2 / 2E; with t = i + p/q that is
//     d i^2 / 2E + d i p / (q E) + d p^2 / (2 E q^2),
// three divisions of 128-bit integers (d < 2^43, i and E < 2^42, an hour). The fall is the rise
// backwards.
//
// Notches. The wave is multiplied by g(phi) = 1 - depth * (1 inside a notch, 0 outside), phi the
// phase's own angle, whose Fourier coefficients are known:
//     G_0 = 1 - depth m w / 2pi,   G_k = -depth m (e^(-jka) - e^(-jk(a+w))) / 2pi jk, k = ± m, ± 2m,
// for m notches a cycle of width w from a on. Multiplying waves convolves their series, and what is
// left out above order 50 does not come back: the result is the notched wave, band-limited.

namespace kpmsim {
namespace {

using Complex = std::complex<double>;
using Wide = __int128;
constexpr double pi = 3.14159265358979323846;
constexpr double root2 = 1.41421356237309504880;

SimDuration edge_of(const Disturbance& d) {
    const bool has_edges = d.kind == DisturbanceKind::level ||
                           d.kind == DisturbanceKind::set_level ||
                           d.kind == DisturbanceKind::frequency;
    return has_edges ? std::min(d.edge, d.length) : SimDuration::zero();
}

/// From the whole nanosecond `from` to the row.
double nanoseconds(SimTime from, const RowTime& t) {
    return static_cast<double>((t.at - from).count()) +
           static_cast<double>(t.part) / static_cast<double>(t.of);
}

/// Of a sine that starts at zero at `start`.
Turn sine_phase(const Disturbance& d, const RowTime& t) {
    const std::int64_t step = step_of(d.hz);
    const auto whole =
        static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>((t.at - d.start).count());
    return {whole + static_cast<std::uint64_t>(Wide{step} * t.part / t.of)};
}

double decayed(double ns, SimDuration constant) {
    return constant.count() > 0 ? kpmsim::decayed(ns / static_cast<double>(constant.count())) : 0.0;
}

/// d t^2 / 2E, t = i + part/of.
Wide ramp(Wide d, Wide edge, Wide i, Wide part, Wide of) {
    return d * i * i / (2 * edge) + d * i * part / (edge * of) +
           d * part * part / (2 * edge * of * of);
}

/// Coefficient of e^(j h theta), h of either sign.
Complex two_sided(const Spectrum& x, int h) {
    if (h == 0)
        return x[0];
    const Complex c = x[std::abs(h)] * Complex{0.0, -0.5 * root2};
    return h > 0 ? c : std::conj(c);
}

/// G_k, in theta, for a phase whose fundamental stands at `own`.
Complex notch_coefficient(const Disturbance& d, Turn own, int k) {
    const double per_turn = d.depth * d.per_cycle;
    if (k == 0)
        return 1.0 - per_turn * d.width_deg / 360.0;
    const auto order = static_cast<std::uint64_t>(std::int64_t{k}); // negative ones wrap, too
    const Turn from = turn_of_degrees(d.angle_deg);
    const Turn to = from + turn_of_degrees(d.width_deg);
    const Complex edges = phasor(order * (own - from)) - phasor(order * (own - to));
    return edges * Complex{0.0, per_turn / (2.0 * pi * k)};
}

} // namespace

RowTime row_time(const Window& window, int row) {
    const std::int64_t samples = window.samples();
    const std::int64_t passed = window.length.count() * row;
    return {window.start + SimDuration{passed / samples}, passed % samples, samples};
}

Stage stage(const Disturbance& d, SimTime at) {
    const SimDuration edge = edge_of(d);
    const SimDuration since = at - d.start;
    if (since < SimDuration::zero())
        return Stage::before;
    if (since < edge)
        return Stage::rising;
    if (since < d.length)
        return Stage::on;
    return since - d.length < edge ? Stage::falling : Stage::over;
}

SimTime steady_until(const Disturbance& d, SimTime at) {
    switch (stage(d, at)) {
    case Stage::before:
        return d.start;
    case Stage::over:
        return SimTime::max();
    case Stage::rising:
    case Stage::falling:
        return at;
    case Stage::on:
        break;
    }
    const bool lasts = d.kind == DisturbanceKind::level || d.kind == DisturbanceKind::set_level ||
                       d.kind == DisturbanceKind::frequency ||
                       d.kind == DisturbanceKind::phase_jump ||
                       d.kind == DisturbanceKind::notches || d.kind == DisturbanceKind::harmonics;
    return lasts ? d.start + d.length : at;
}

double share(const Disturbance& d, const RowTime& t) {
    const double edge_ns = static_cast<double>(edge_of(d).count());
    switch (stage(d, t.at)) {
    case Stage::rising:
        return nanoseconds(d.start, t) / edge_ns;
    case Stage::on:
        return 1.0;
    case Stage::falling:
        return 1.0 - nanoseconds(d.start + d.length, t) / edge_ns;
    case Stage::before:
    case Stage::over:
        break;
    }
    return 0.0;
}

double level_factor(const Disturbance& d, const RowTime& t) {
    const Stage now = stage(d, t.at);
    if (now == Stage::before || now == Stage::over)
        return 1.0;
    switch (d.kind) {
    case DisturbanceKind::level:
        return now == Stage::on ? d.factor : 1.0 + (d.factor - 1.0) * share(d, t);
    case DisturbanceKind::flicker_sine:
        return 1.0 + 0.5 * d.depth * sin_cos(sine_phase(d, t)).sin;
    case DisturbanceKind::flicker_square:
        return 1.0 + (sine_phase(d, t).raw >> 63 == 0 ? 0.5 : -0.5) * d.depth;
    default:
        return 1.0;
    }
}

double added_volts(const Disturbance& d, const RowTime& t) {
    if (stage(d, t.at) != Stage::on)
        return 0.0;
    const double ns = nanoseconds(d.start, t);
    if (d.kind == DisturbanceKind::oscillation)
        return d.volts * decayed(ns, d.decay) * sin_cos(sine_phase(d, t)).sin;
    if (d.kind == DisturbanceKind::impulse)
        return d.volts * (decayed(ns, d.decay) - decayed(ns, d.front));
    return 0.0;
}

__int128 turned_further(const Disturbance& d, const RowTime& t) {
    if (d.kind != DisturbanceKind::frequency)
        return 0;
    const Wide by = step_of(d.hz);
    const Wide edge = edge_of(d).count();
    const Wide since = (t.at - d.start).count();
    const Wide length = d.length.count();
    // From the rise's end on.
    const Wide steady = by * edge / 2 + by * (since - edge) + by * t.part / t.of;
    switch (stage(d, t.at)) {
    case Stage::before:
        return 0;
    case Stage::rising:
        return ramp(by, edge, since, t.part, t.of);
    case Stage::on:
        return steady;
    case Stage::falling:
        return steady - ramp(by, edge, since - length, t.part, t.of);
    case Stage::over:
        break;
    }
    return by * length;
}

Spectrum notched(const Disturbance& d, Turn own, const Spectrum& u) {
    constexpr int top = Spectrum::orders - 1;
    Spectrum out;
    for (int h = 0; h <= top; ++h) {
        Complex sum = 0.0;
        for (int k = h - top; k <= h + top; ++k)
            if (k % d.per_cycle == 0)
                sum += two_sided(u, h - k) * notch_coefficient(d, own, k);
        out[h] = h == 0 ? sum.real() : sum * Complex{0.0, root2};
    }
    return out;
}

Spectrum turned_by(Turn angle, const Spectrum& u) {
    Spectrum out = u;
    for (int h = 1; h < Spectrum::orders; ++h)
        out[h] *= phasor(static_cast<std::uint64_t>(h) * angle);
    return out;
}

} // namespace kpmsim
