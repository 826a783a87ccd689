// IEEE 1459 powers of distorted and unbalanced phases, from the phasors of one window's orders.
//
// The truth is written out from the definitions with the source's own phasors:
//   Q1         fundamental, of S                 Q Budeanu  sum over the orders, of S
//   S, N, DI, DV, SH, SN                         of S
//   PF         absolute
//   Se, SeN    effective values of the three phases, of Se
// and against a table: "published Se" and "published PFe" for 230 V and resistive 10, 5, 0 A.
//
// No KPM shows N, DI, DV, SH, SN, Se or SeN; these are measures of quality/. What a KPM shows of the
// same window stands beside them, by the same definitions: "P shown", "Q shown", "S shown" of S, "PF
// shown" absolute, of the phases and of the total; "published S shown", VA.
#include "verification/bins.hpp"
#include "verification/digitise.hpp"
#include "verification/source.hpp"

#include <array>
#include <cmath>
#include <optional>

namespace kpmsim {

namespace {

using Phasor = std::complex<double>;

struct Case {
    Source source;
    std::vector<std::array<double, 3>> currents; ///< of In, by phase; empty: as the source draws
    std::optional<double> published_se, published_pfe, published_s;
};

/// Rms of the fundamental and of all the rest.
struct Size {
    double first{0}, rest{0};
    double all() const { return std::hypot(first, rest); }
};

Size size_of(const Spectrum& x) {
    Size s;
    double square = std::norm(x[0]);
    for (int h = 2; h < Spectrum::orders; ++h)
        square += std::norm(x[h]);
    s.first = std::abs(x[1]);
    s.rest = std::sqrt(square);
    return s;
}

Spectrum difference(const Spectrum& a, const Spectrum& b) {
    Spectrum d;
    for (int h = 0; h < Spectrum::orders; ++h)
        d[h] = a[h] - b[h];
    return d;
}

Phasor power(const Spectrum& u, const Spectrum& i, int first, int last) {
    Phasor sum;
    for (int h = first; h <= last; ++h)
        sum += u[h] * std::conj(i[h]);
    return sum;
}

void one_phase(const OrderPhasors& u, const OrderPhasors& i, const Spectrum& ut, const Spectrum& it,
               Errors& errors) {
    const PhasePowers got = phase_powers(u, i);
    const Size us = size_of(ut);
    const Size is = size_of(it);
    const double s = us.all() * is.all();
    if (s == 0)
        return;
    const double p = power(ut, it, 1, Spectrum::orders - 1).real() + (ut[0] * it[0]).real();
    const double di = us.first * is.rest;
    const double dv = us.rest * is.first;
    const double sh = us.rest * is.rest;
    errors.add("P", (got.p - p) / s);
    errors.add("Q1", (got.q1 - power(ut, it, 1, 1).imag()) / s);
    errors.add("Q Budeanu", (got.q_budeanu - power(ut, it, 1, Spectrum::orders - 1).imag()) / s);
    errors.add("S", got.s / s - 1);
    errors.add("PF", got.pf - p / s);
    errors.add("DI", (got.di - di) / s);
    errors.add("DV", (got.dv - dv) / s);
    errors.add("SH", (got.sh - sh) / s);
    // N and SN are roots of differences of squares; compared as squares, nothing is blown up.
    errors.add("N", (got.n * got.n - (s * s - p * p)) / (s * s));
    errors.add("SN", (got.sn * got.sn - (di * di + dv * dv + sh * sh)) / (s * s));
}

/// sqrt{[3 (Ua^2 + Ub^2 + Uc^2) + Uab^2 + Ubc^2 + Uca^2] / 18} and sqrt{(Ia^2 + … + In^2) / 3}
Size effective_u(const PhaseSpectra& u) {
    Size sum;
    for (std::size_t p = 0; p < 3; ++p) {
        const Size phase = size_of(u[p]);
        const Size line = size_of(difference(u[p], u[(p + 1) % 3]));
        sum.first += 3 * phase.first * phase.first + line.first * line.first;
        sum.rest += 3 * phase.rest * phase.rest + line.rest * line.rest;
    }
    return {std::sqrt(sum.first / 18), std::sqrt(sum.rest / 18)};
}

Size effective_i(const PhaseSpectra& i) {
    Spectrum neutral;
    Size sum;
    for (std::size_t p = 0; p < 3; ++p) {
        const Size phase = size_of(i[p]);
        sum.first += phase.first * phase.first;
        sum.rest += phase.rest * phase.rest;
        neutral = difference(neutral, i[p]);
    }
    const Size n = size_of(neutral);
    return {std::sqrt((sum.first + n.first * n.first) / 3),
            std::sqrt((sum.rest + n.rest * n.rest) / 3)};
}

/// Of a meter's readings: the phases at 0 to 2, the total at 3.
void shown_powers(const Readings& shown, const PhaseSpectra& u, const PhaseSpectra& i,
                  Errors& errors) {
    double p_sum = 0, q_sum = 0, s_sum = 0;
    const auto judge = [&](int n, double p, double q, double s) {
        if (s == 0)
            return;
        errors.add("P shown", (shown[slot_at(Slot::p_a, n)] - p) / s);
        errors.add("Q shown", (shown[slot_at(Slot::q_a, n)] - q) / s);
        errors.add("S shown", shown[slot_at(Slot::s_a, n)] / s - 1);
        errors.add("PF shown", shown[slot_at(Slot::pf_a, n)] - p / s);
    };
    for (int n = 0; n < 3; ++n) {
        const auto k = static_cast<std::size_t>(n);
        const double p = power(u[k], i[k], 1, Spectrum::orders - 1).real();
        const double q = power(u[k], i[k], 1, 1).imag();
        const double s = size_of(u[k]).all() * size_of(i[k]).all();
        judge(n, p, q, s);
        p_sum += p;
        q_sum += q;
        s_sum += s;
    }
    judge(3, p_sum, q_sum, s_sum);
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    Drawn d = draw_source(c.source, draw);
    if (!c.currents.empty())
        for (std::size_t p = 0; p < 3; ++p)
            d.i[p] = turned(
                d.u[p],
                d.in_a / d.u_v *
                    c.currents[static_cast<std::size_t>(draw.setup()) % c.currents.size()][p],
                0);
    const WiringSpec wiring;
    const MeteringConfig config = converter(wiring, d.f_hz, mode, d.full_u_v, d.full_i_a);
    Rig rig{d.supply, wiring, config, told(wiring), draw};
    for (int n = 0; n <= settling_windows; ++n) {
        rig.open();
        d.into(rig.window);
        rig.close(d.i);
    }
    ThreePhasors u, i;
    for (std::size_t ch = 0; ch < 6; ++ch) {
        std::vector<double> rows(static_cast<std::size_t>(rig.block.window.samples()));
        const auto seen = rig.block.channel(static_cast<int>(ch));
        for (std::size_t n = 0; n < rows.size(); ++n)
            rows[n] = seen[n % seen.size()];
        Digitiser{mode, draw.stream("channel " + std::to_string(ch))}(rows);
        for (double& x : rows)
            x *= config.adc[ch].full_scale;
        (ch < 3 ? u[ch] : i[ch - 3]) = order_phasors(rows, rig.block.window.cycles);
    }
    for (std::size_t p = 0; p < 3; ++p)
        one_phase(u[p], i[p], d.u[p], d.i[p], errors);
    shown_powers(rig.shown(), d.u, d.i, errors);
    if (c.published_s)
        errors.add("published S shown", rig.shown()[Slot::s] - *c.published_s);
    const EffectivePowers e = effective_powers_4wire(u, i);
    const Size ue = effective_u(d.u);
    const Size ie = effective_i(d.i);
    const double se = 3 * ue.all() * ie.all();
    const double sen2 = se * se - std::pow(3 * ue.first * ie.first, 2);
    errors.add("Se", e.se / se - 1);
    errors.add("SeN", (e.sen * e.sen - sen2) / (se * se));
    if (c.published_se)
        errors.add("published Se", e.se - *c.published_se);
    if (c.published_pfe)
        errors.add("published PFe", e.pf - *c.published_pfe);
}

} // namespace

Run powers_kind(TomlTable& signal) {
    Case c;
    take(signal, c.source);
    for (const std::vector<double>& row : number_lists(signal, "currents", 3))
        c.currents.push_back({row[0], row[1], row[2]});
    c.published_se = signal.number("published_se");
    c.published_pfe = signal.number("published_pfe");
    c.published_s = signal.number("published_s");
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
