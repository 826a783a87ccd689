#include "quality/power_ieee1459.hpp"

#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace kpmsim;
using Complex = std::complex<double>;

namespace {

constexpr double pi = std::numbers::pi;

/// Order h of a current that conducts from `fire` to pi in each half-wave of sqrt2 sin(theta), rms
/// phasor against a voltage of angle 0: (a + j b) with x = sqrt2 sum a sin(h theta) + b cos(h theta).
Complex phase_fired(int h, double fire) {
    if (h % 2 == 0)
        return 0;
    if (h == 1)
        return {1 - fire / pi + std::sin(2 * fire) / (2 * pi),
                -std::sin(fire) * std::sin(fire) / pi};
    // 2/pi times the integral of sin(x) sin(hx) and of sin(x) cos(hx) from `fire` to pi
    const double less = h - 1;
    const double more = h + 1;
    const double a = (-std::sin(less * fire) / less + std::sin(more * fire) / more) / pi;
    const auto cosines = [&](double x) {
        return -std::cos(more * x) / more + std::cos(less * x) / less;
    };
    return {a, (cosines(pi) - cosines(fire)) / pi};
}

OrderPhasors only_fundamental(Complex x) {
    OrderPhasors p{};
    p[1] = x;
    return p;
}

Complex angle(double degrees) { return std::polar(1.0, degrees * pi / 180); }

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("phase firing at 90 and 135 degrees has the powers of the table") {
        struct Row {
            double fire, p, q1, i, i1;
        };
        for (const Row row : {Row{90, 0.5, 0.318310, 0.707107, 0.592724},
                              Row{135, 0.090845, 0.159155, 0.301405, 0.183257}}) {
            const double fire = row.fire * pi / 180;
            OrderPhasors i{};
            double rest = 0;
            for (int h = 1; h < 51; ++h) {
                i[static_cast<std::size_t>(h)] = phase_fired(h, fire);
                rest += h > 1 ? std::norm(phase_fired(h, fire)) : 0;
            }
            const PhasePowers r = phase_powers(only_fundamental(1), i);
            CHECK(std::abs(r.p - row.p) < 5e-7);
            CHECK(std::abs(r.q1 - row.q1) < 5e-7);
            CHECK(std::abs(r.i1 - row.i1) < 5e-7);
            CHECK(std::abs(r.ih - std::sqrt(rest)) < 1e-15);
            // All orders together are the wave's rms, sqrt(1 - fire/pi + sin(2 fire)/2pi).
            for (int h = 51; h < 200'001; h += 2)
                rest += std::norm(phase_fired(h, fire));
            CHECK(std::abs(std::sqrt(r.i1 * r.i1 + rest) - row.i) < 2e-6);
            // A sine of voltage: only current distortion, and it does no work.
            CHECK(r.dv == 0);
            CHECK(r.sh == 0);
            CHECK(r.di == r.u1 * r.ih);
            CHECK(std::abs(r.n * r.n - (r.q1 * r.q1 + r.di * r.di)) < 1e-15);
            CHECK(std::abs(r.pf - r.p / std::sqrt(r.i1 * r.i1 + r.ih * r.ih)) < 1e-15);
            CHECK(r.ph == 0);
        }
    }

    TEST_CASE("10, 5 and 0 A of resistance: the three apparent powers part") {
        ThreePhasors u;
        ThreePhasors i;
        const std::array amperes{10.0, 5.0, 0.0};
        std::array<PhasePowers, 3> phases;
        for (std::size_t c = 0; c < 3; ++c) {
            const Complex turn = angle(-120.0 * static_cast<double>(c));
            u[c] = only_fundamental(230.0 * turn);
            i[c] = only_fundamental(amperes[c] * turn);
            phases[c] = phase_powers(u[c], i[c]);
        }
        const EffectivePowers e = effective_powers_4wire(u, i);
        const SystemApparent s = system_apparent(phases);
        CHECK(std::abs(e.p - 3450) < 1e-11);
        CHECK(std::abs(s.arithmetic - 3450) < 1e-11);
        CHECK(std::abs(s.vector - 3450) < 1e-11);
        CHECK(std::abs(e.se - 5633.8264) < 5e-5);
        CHECK(std::abs(e.pf - 0.612372) < 5e-7);
        CHECK(std::abs(e.ue - 230) < 1e-12);
        CHECK(std::abs(3 * e.ie * e.ie - (125 + 75)) < 1e-11); // In = 8.660254 A
        // I1+ = 5 A, so S1+ = 3450 and SU1 = sqrt(Se^2 - 3450^2) = 3450 sqrt(5/3).
        CHECK(std::abs(e.s1_plus - 3450) < 1e-11);
        CHECK(std::abs(e.su1 - 3450 * std::sqrt(5.0 / 3)) < 1e-9);
        CHECK(e.sen == 0);
    }

    TEST_CASE(
        "four and three wires agree where there is neither neutral current nor zero sequence") {
        ThreePhasors u{};
        ThreePhasors i{};
        for (std::size_t c = 0; c < 3; ++c)
            for (std::size_t h : {1U, 5U, 7U}) { // orders of positive and negative sequence only
                const Complex turn = angle(-120.0 * static_cast<double>(c * h));
                u[c][h] = 230.0 / static_cast<double>(h) * turn;
                i[c][h] = 10.0 / static_cast<double>(h * h) * turn *
                          angle(-30.0 * static_cast<double>(h));
            }
        const EffectivePowers four = effective_powers_4wire(u, i);
        const EffectivePowers three = effective_powers_3wire(u, i);
        CHECK(std::abs(four.se - three.se) < 1e-11);
        CHECK(std::abs(four.sen - three.sen) < 1e-11);
        CHECK(std::abs(four.se1 - 3 * 230 * 10) < 1e-11);
        CHECK(std::abs(four.dei - 3 * 230 * 10 * std::hypot(1 / 25.0, 1 / 49.0)) < 1e-11);
        CHECK(std::abs(four.dev - 3 * 230 * 10 * std::hypot(1 / 5.0, 1 / 7.0)) < 1e-11);
        CHECK(four.su1 < 1e-4); // the root of a rounding
        // Balanced: three phases are thrice one.
        const PhasePowers one = phase_powers(u[0], i[0]);
        CHECK(std::abs(four.p - 3 * one.p) < 1e-11);
        CHECK(std::abs(four.se - 3 * one.s) < 1e-11);
        CHECK(std::abs(four.q1_plus - 3 * 230 * 10 * 0.5) < 1e-11);
    }
}

TEST_SUITE("unit") {
    TEST_CASE("the powers of random spectra with DC form their right triangles") {
        const Random random{3, "ieee1459"};
        std::uint64_t n = 0;
        for (int trial = 0; trial < 50; ++trial) {
            OrderPhasors u{};
            OrderPhasors i{};
            for (std::size_t h = 0; h < u.size(); ++h) {
                const double size = h == 1 ? 1 : 0.2;
                const auto phasor = [&] {
                    const double rms = size * random.uniform(n++);
                    return std::polar(rms, h == 0 ? 0 : 6.3 * random.uniform(n++));
                };
                u[h] = phasor();
                i[h] = phasor();
            }
            const PhasePowers r = phase_powers(u, i);
            const double eps = 2e-15 * r.s * r.s;
            CHECK(std::abs(r.s * r.s - (r.p * r.p + r.n * r.n)) < eps);
            CHECK(std::abs(r.s * r.s - (r.s1 * r.s1 + r.sn * r.sn)) < eps);
            CHECK(std::abs(r.s1 * r.s1 - (r.p1 * r.p1 + r.q1 * r.q1)) < eps);
            CHECK(std::abs(r.sh * r.sh - (r.ph * r.ph + r.dh * r.dh)) < eps);
            CHECK(r.p == r.p1 + r.ph);
        }
    }

    TEST_CASE("Q1 and Budeanu's sum are told apart, and lag is positive") {
        OrderPhasors u{};
        OrderPhasors i{};
        u[1] = 100;
        u[3] = 10;
        i[1] = 5.0 * angle(-90); // lagging
        i[3] = 2.0 * angle(90);  // leading
        const PhasePowers r = phase_powers(u, i);
        CHECK(std::abs(r.q1 - 500) < 1e-12);
        CHECK(std::abs(r.q_budeanu - 480) < 1e-12);
        CHECK(std::abs(r.p) < 1e-12);
    }

    TEST_CASE("nothing gives nothing, not NaN") {
        const PhasePowers r = phase_powers({}, {});
        CHECK(r.pf == 0);
        CHECK(r.n == 0);
        CHECK(effective_powers_4wire({}, {}).pf == 0);
    }
}
