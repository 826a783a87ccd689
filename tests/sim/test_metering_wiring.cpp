#include "metering_bench.hpp"

#include <doctest/doctest.h>

#include <complex>

using namespace kpmsim;
using namespace kpmsim::test;

using Complex = std::complex<double>;

TEST_SUITE("unit") {
    TEST_CASE("a three-wire meter has lines and totals, no phases, with three CTs and with two") {
        // Phase voltages with unbalance and no zero sequence; currents that sum to zero.
        const Complex ua = std::polar(3400.0, 0.0), ub = std::polar(3300.0, -119 * degree);
        const Complex uc = -(ua + ub);
        const Complex ia = std::polar(2.0, -40 * degree), ib = std::polar(1.5, -150 * degree);
        const Complex ic = -(ia + ib);
        const Complex uab = ua - ub, ucb = uc - ub;
        for (const Wiring wiring : {Wiring::p3l3, Wiring::p3l2}) {
            MeteringConfig config = star();
            config.wiring = wiring;
            for (std::size_t c = 0; c < 3; ++c)
                config.adc[c].full_scale = 10e3;
            Bench b{config};
            const auto tones = [](const Complex& x) {
                return Tones{{1, std::abs(x), std::arg(x)}};
            };
            b.push({tones(uab),
                    {},
                    tones(ucb),
                    tones(ia),
                    wiring == Wiring::p3l3 ? tones(ib) : Tones{},
                    tones(ic)},
                   50, 2);
            const Complex s = ua * std::conj(ia) + ub * std::conj(ib) + uc * std::conj(ic);
            CHECK(b[Slot::u_ab] == doctest::Approx(std::abs(uab)).epsilon(1e-6));
            CHECK(b[Slot::u_bc] == doctest::Approx(std::abs(ub - uc)).epsilon(1e-6));
            CHECK(b[Slot::u_ca] == doctest::Approx(std::abs(uc - ua)).epsilon(1e-6));
            CHECK(b[Slot::i_a] == doctest::Approx(std::abs(ia)).epsilon(1e-6));
            CHECK(b[Slot::i_b] == doctest::Approx(std::abs(ib)).epsilon(1e-6));
            CHECK(b[Slot::i_c] == doctest::Approx(std::abs(ic)).epsilon(1e-6));
            CHECK(b[Slot::p] == doctest::Approx(s.real()).epsilon(1e-6));
            CHECK(b[Slot::q] == doctest::Approx(s.imag()).epsilon(1e-6));
            const double apparent = std::numbers::sqrt3 *
                                    (std::abs(uab) + std::abs(ub - uc) + std::abs(uc - ua)) / 3 *
                                    (std::abs(ia) + std::abs(ib) + std::abs(ic)) / 3;
            CHECK(b[Slot::s] == doctest::Approx(apparent).epsilon(1e-6));
            CHECK(b[Slot::pf] == doctest::Approx(s.real() / apparent).epsilon(1e-6));
            const Complex a = std::polar(1.0, 120 * degree);
            CHECK(b[Slot::u_pos] ==
                  doctest::Approx(std::abs(ua + a * ub + a * a * uc) / 3).epsilon(1e-6));
            CHECK(b[Slot::u_neg] ==
                  doctest::Approx(std::abs(ua + a * a * ub + a * uc) / 3).epsilon(1e-5));
            CHECK(b[Slot::u_zero] == 0);
            CHECK(b[Slot::angle_i_a] == doctest::Approx(40).epsilon(1e-5));
            CHECK(b[Slot::angle_u_b] == doctest::Approx(119).epsilon(1e-5));
            CHECK(std::abs(b[Slot::f] - 50) < 1e-7);
            for (const Slot zero :
                 {Slot::u_a, Slot::u_b, Slot::u_c, Slot::p_a, Slot::p_b, Slot::p_c, Slot::q_a,
                  Slot::q_b, Slot::q_c, Slot::s_a, Slot::pf_a, Slot::pf_c})
                CHECK(b[zero] == 0);
            CHECK(b.get("e_p_import") == doctest::Approx(s.real() * 0.4 / 3.6e6).epsilon(1e-6));
            CHECK(b.get("e_p_import_a") == 0);
        }
    }
    TEST_CASE("a three-wire meter starts by any of its currents, and below them meters nothing") {
        MeteringSettings settings;
        settings.start_current_a[0] = 0.02;
        for (const Wiring wiring : {Wiring::p3l3, Wiring::p3l2}) {
            MeteringConfig config = star();
            config.wiring = wiring;
            const auto metered = [&](std::array<double, 3> i_a, std::array<double, 3> i_deg) {
                Bench b{config, settings};
                auto channels = fundamentals({400, 0, 400}, {30, 0, 90}, i_a, i_deg);
                channels[1].clear(); // Uab, nothing, Ucb
                if (wiring == Wiring::p3l2)
                    channels[4].clear();
                b.push(channels);
                CHECK(b[Slot::i_c] == doctest::Approx(i_a[2]).epsilon(1e-3));
                CHECK((b[Slot::p] != 0) == (b[Slot::s] != 0));
                CHECK((b[Slot::q] != 0) == (b[Slot::s] != 0));
                CHECK((b[Slot::pf] != 0) == (b[Slot::s] != 0));
                CHECK((b.get("e_s") != 0) == (b[Slot::s] != 0));
                return b[Slot::s] > 0;
            };
            CHECK(metered({0.03, 0.01, 0.01}, {-20, 0, 100}));
            CHECK(metered({0.01, 0.01, 0.03}, {-20, 0, 100}));
            // a and c of one phase: b, measured or worked out, is their sum the other way
            CHECK(metered({0.012, 0.024, 0.012}, {-20, 160, -20}));
            CHECK_FALSE(metered({0.019, 0.019, 0.019}, {-20, -140, 100}));
        }
    }
}
