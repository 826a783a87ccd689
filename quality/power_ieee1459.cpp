#include "quality/power_ieee1459.hpp"

#include "quality/unbalance.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace kpmsim {

namespace {

constexpr std::size_t orders = std::tuple_size_v<OrderPhasors>;

/// Mean squares of a wave, the fundamental apart.
struct Squares {
    double fundamental{0}, rest{0};

    Squares& operator+=(Squares o) {
        fundamental += o.fundamental;
        rest += o.rest;
        return *this;
    }
    Squares operator*(double f) const { return {f * fundamental, f * rest}; }
};

Squares squares_of(const OrderPhasors& x) {
    Squares sum{std::norm(x[1]), 0};
    for (std::size_t h = 0; h < orders; ++h)
        if (h != 1)
            sum.rest += std::norm(x[h]);
    return sum;
}

/// Total, of the fundamental, of all else.
std::tuple<double, double, double> rms_of(const Squares& sum) {
    const double first = std::sqrt(sum.fundamental);
    const double rest = std::sqrt(sum.rest);
    return {std::hypot(first, rest), first, rest};
}

OrderPhasors combined(const OrderPhasors& a, double factor, const OrderPhasors& b) {
    OrderPhasors x;
    for (std::size_t h = 0; h < orders; ++h)
        x[h] = a[h] + factor * b[h];
    return x;
}

/// U conj(I) of every order: p + j q.
std::complex<double> power(const OrderPhasors& u, const OrderPhasors& i, std::size_t h) {
    return u[h] * std::conj(i[h]);
}

/// The other side of a right triangle; rounding may make it a little imaginary.
double leg(double hypotenuse, double other) {
    return std::sqrt(std::max(0.0, (hypotenuse - other) * (hypotenuse + other)));
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

EffectivePowers effective(Squares ue, Squares ie, const ThreePhasors& u, const ThreePhasors& i) {
    EffectivePowers e;
    std::tie(e.ue, e.ue1, e.ueh) = rms_of(ue);
    std::tie(e.ie, e.ie1, e.ieh) = rms_of(ie);
    for (std::size_t phase = 0; phase < 3; ++phase)
        for (std::size_t h = 0; h < orders; ++h)
            e.p += power(u[phase], i[phase], h).real();

    e.se = 3 * e.ue * e.ie;
    e.se1 = 3 * e.ue1 * e.ie1;
    e.dei = 3 * e.ue1 * e.ieh;
    e.dev = 3 * e.ueh * e.ie1;
    e.seh = 3 * e.ueh * e.ieh;
    e.sen = std::hypot(e.dei, e.dev, e.seh);

    const SequenceComponents us = sequence_components(u[0][1], u[1][1], u[2][1]);
    const SequenceComponents is = sequence_components(i[0][1], i[1][1], i[2][1]);
    const std::complex<double> plus = 3.0 * us.positive * std::conj(is.positive);
    e.s1_plus = std::abs(plus);
    e.p1_plus = plus.real();
    e.q1_plus = plus.imag();
    e.su1 = leg(e.se1, e.s1_plus);
    e.n = leg(e.se, std::abs(e.p));
    e.pf = ratio(e.p, e.se);
    return e;
}

Squares line_to_line(const ThreePhasors& u) {
    Squares sum = squares_of(combined(u[0], -1, u[1]));
    sum += squares_of(combined(u[1], -1, u[2]));
    sum += squares_of(combined(u[2], -1, u[0]));
    return sum;
}

Squares phases(const ThreePhasors& x) {
    Squares sum = squares_of(x[0]);
    sum += squares_of(x[1]);
    sum += squares_of(x[2]);
    return sum;
}

} // namespace

PhasePowers phase_powers(const OrderPhasors& u, const OrderPhasors& i) {
    PhasePowers r;
    std::tie(r.u, r.u1, r.uh) = rms_of(squares_of(u));
    std::tie(r.i, r.i1, r.ih) = rms_of(squares_of(i));

    const std::complex<double> fundamental = power(u, i, 1);
    r.p1 = fundamental.real();
    r.q1 = fundamental.imag();
    r.q_budeanu = r.q1;
    for (std::size_t h = 0; h < orders; ++h)
        if (h != 1) {
            r.ph += power(u, i, h).real();
            r.q_budeanu += power(u, i, h).imag();
        }
    r.p = r.p1 + r.ph;

    r.s = r.u * r.i;
    r.s1 = r.u1 * r.i1;
    r.di = r.u1 * r.ih;
    r.dv = r.uh * r.i1;
    r.sh = r.uh * r.ih;
    r.sn = std::hypot(r.di, r.dv, r.sh);
    r.dh = leg(r.sh, std::abs(r.ph));
    r.n = leg(r.s, std::abs(r.p));
    r.pf = ratio(r.p, r.s);
    r.pf1 = ratio(r.p1, r.s1);
    return r;
}

EffectivePowers effective_powers_4wire(const ThreePhasors& u, const ThreePhasors& i) {
    Squares ue = phases(u) * 3;
    ue += line_to_line(u);
    Squares ie = phases(i);
    ie += squares_of(combined(combined(i[0], 1, i[1]), 1, i[2]));
    return effective(ue * (1.0 / 18), ie * (1.0 / 3), u, i);
}

EffectivePowers effective_powers_3wire(const ThreePhasors& u, const ThreePhasors& i) {
    return effective(line_to_line(u) * (1.0 / 9), phases(i) * (1.0 / 3), u, i);
}

SystemApparent system_apparent(const std::array<PhasePowers, 3>& phases_of_it) {
    SystemApparent r;
    double p = 0;
    double q = 0;
    double d = 0;
    double q1 = 0;
    for (const PhasePowers& phase : phases_of_it) {
        r.arithmetic += phase.s;
        p += phase.p;
        q += phase.q_budeanu;
        d += leg(phase.n, std::abs(phase.q_budeanu));
        q1 += phase.q1;
    }
    r.vector = std::hypot(p, q, d);
    r.p_and_q1 = std::hypot(p, q1);
    return r;
}

} // namespace kpmsim
