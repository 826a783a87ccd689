// What the way of wiring does to powers, in closed form.
//
// relation = "ways": one source through star, delta with three CTs and delta with two.
//   P three-wire   P of a three-wire meter, of S: as the four-wire meter's when no current flows in
//                  the neutral. With In, two wattmeters Uab Ia + Ucb Ic miss Ub (Ia + Ib + Ic):
//                  they read too little by Re sum Ub In*, to the digit; "with_neutral = true" draws
//                  such currents, which a meter with three CTs is given. Also "of reading"
//   Q three-wire   the same for the fundamental's Q
// relation = "leads-open": a three-wire meter, both ways, with each of the leads off, each two, and all. Its inputs
// measure Uab and Ucb: one without its lead shows 0, both share Uac where b is off, and one lead makes no voltage.
//   line voltages  of Un
//   P              of two wattmeters with these voltages, of 3 Un In
// Faults of a symmetrical source, P as a part of the right P (absolute, of S):
//   ct-a-reversed         1/3
//   b-c-currents-swapped  0, at any angle
//   currents-rotated      cos(phi + 120 deg) / cos phi: Ib at terminal a, Ic at b, Ia at c
//   voltage-a-missing     2/3
#include "verification/source.hpp"

#include <cmath>
#include <complex>
#include <numbers>

namespace kpmsim {

namespace {

/// Ib = -(Ia + Ic), so that nothing flows in the neutral.
void without_neutral(PhaseSpectra& i) {
    for (int h = 0; h < Spectrum::orders; ++h)
        i[1][h] = -(i[0][h] + i[2][h]);
}

/// Mean of ub (ia + ib + ic): what two wattmeters do not see.
std::complex<double> missed(const Drawn& d, int last) {
    std::complex<double> sum;
    for (int h = 1; h <= last; ++h)
        sum += d.u[1][h] * std::conj(d.i[0][h] + d.i[1][h] + d.i[2][h]);
    return sum;
}

void ways(const Source& source, bool with_neutral, Draw draw, Mode mode, Errors& errors) {
    Drawn d = draw_source(source, draw);
    if (!with_neutral)
        without_neutral(d.i);
    WiringSpec wiring;
    const Readings star = settled(d, wiring, mode, draw).shown();
    const double s = star[Slot::s];
    for (const Wiring three : {Wiring::p3l3, Wiring::p3l2}) {
        if (with_neutral && three == Wiring::p3l2)
            continue;
        wiring.mode = three;
        const Readings got = settled(d, wiring, mode, draw).shown();
        const double p = star[Slot::p] - missed(d, Spectrum::orders - 1).real();
        errors.add("P three-wire", (got[Slot::p] - p) / s);
        errors.add("P three-wire of reading", got[Slot::p] / p - 1);
        errors.add("Q three-wire", (got[Slot::q] - (star[Slot::q] - missed(d, 1).imag())) / s);
        errors.add("line voltages", (got[Slot::u_ab] - star[Slot::u_ab]) / d.un_v);
    }
}

void leads_open(const Source& source, Draw draw, Mode mode, Errors& errors) {
    Drawn d = draw_source(source, draw);
    without_neutral(d.i);
    const auto rms = [](const Spectrum& of) {
        double square = 0;
        for (int h = 1; h < Spectrum::orders; ++h)
            square += std::norm(of[h]);
        return std::sqrt(square);
    };
    const auto less = [](const Spectrum& one, const Spectrum& other, double part) {
        Spectrum out;
        for (int h = 1; h < Spectrum::orders; ++h)
            out[h] = part * (one[h] - other[h]);
        return out;
    };
    for (const Wiring way : {Wiring::p3l3, Wiring::p3l2})
        for (unsigned open = 1; open < 8; ++open) {
            WiringSpec wiring;
            wiring.mode = way;
            for (unsigned lead = 0; lead < 3; ++lead)
                wiring.u_open[lead] = (open >> lead & 1) != 0;
            Spectrum ab, cb;
            if (open == 1)
                cb = less(d.u[2], d.u[1], 1);
            else if (open == 2) {
                ab = less(d.u[0], d.u[2], 0.5);
                cb = less(d.u[2], d.u[0], 0.5);
            } else if (open == 4)
                ab = less(d.u[0], d.u[1], 1);
            double p = 0;
            for (int h = 1; h < Spectrum::orders; ++h)
                p += (ab[h] * std::conj(d.i[0][h]) + cb[h] * std::conj(d.i[2][h])).real();
            const Readings got = settled(d, wiring, mode, draw).shown();
            errors.add("line voltages", (got[Slot::u_ab] - rms(ab)) / d.un_v);
            errors.add("line voltages", (got[Slot::u_bc] - rms(cb)) / d.un_v);
            errors.add("line voltages", (got[Slot::u_ca] - rms(less(cb, ab, 1))) / d.un_v);
            errors.add("P", (got[Slot::p] - p) / (3 * d.un_v * d.in_a));
        }
}

void fault(const Source& source, const std::string& what, Draw draw, Mode mode, Errors& errors) {
    const Drawn d = draw_source(source, draw);
    WiringSpec wiring;
    const double right = settled(d, wiring, mode, draw).shown()[Slot::p];
    const double s = 3 * d.u_v * d.i_a;
    double truth = 0; // what b gives, c takes
    if (what == "ct-a-reversed") {
        wiring.ct_reversed[0][0] = true;
        truth = right / 3;
    } else if (what == "b-c-currents-swapped") {
        wiring.i_phase[0] = {0, 2, 1};
    } else if (what == "currents-rotated") {
        wiring.i_phase[0] = {1, 2, 0};
        const double lag = std::arg(d.u[0][1] * std::conj(d.i[0][1]));
        truth = s * std::cos(lag + 2 * std::numbers::pi / 3);
    } else {
        wiring.u_open[0] = true;
        truth = 2 * right / 3;
    }
    errors.add("P", (settled(d, wiring, mode, draw).shown()[Slot::p] - truth) / s);
}

} // namespace

Run wiring_kind(TomlTable& signal) {
    Source source;
    take(signal, source);
    const bool with_neutral = signal.boolean("with_neutral").value_or(false);
    const std::string relation =
        signal
            .choice("relation", {"ways", "leads-open", "ct-a-reversed", "b-c-currents-swapped",
                                 "currents-rotated", "voltage-a-missing"})
            .value_or("ways");
    return [=](Draw draw, Mode mode, Errors& errors) {
        if (relation == "ways")
            ways(source, with_neutral, draw, mode, errors);
        else if (relation == "leads-open")
            leads_open(source, draw, mode, errors);
        else
            fault(source, relation, draw, mode, errors);
    };
}

} // namespace kpmsim
