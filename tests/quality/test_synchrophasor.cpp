#include "quality/phasor_estimator.hpp"
#include "quality/synchrophasor.hpp"
#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE(
        "an error of the angle is 2 sin(d/2) of total vector error, one of size its fraction") {
        const std::complex<double> truth = std::polar(230.0, 1.1);
        CHECK(std::abs(total_vector_error(truth * std::polar(1.0, 0.01), truth) -
                       2 * std::sin(0.005)) < 1e-15);
        CHECK(std::abs(total_vector_error(truth * 0.99, truth) - 0.01) < 1e-15);
    }

    TEST_CASE("the worst of a series counts, the reports at its ends do not") {
        std::array<PhasorReport, 6> truth;
        truth.fill({{0, 100}, 50, 1});
        std::array<PhasorReport, 6> got = truth;
        got[0].phasor = 0;
        got[5].f_hz = 49;
        got[2].phasor = {3, 104};
        got[3].f_hz = 50.004;
        got[4].rocof_hz_per_s = 0.75;
        const PhasorErrors inside = phasor_errors(got, truth, 1);
        CHECK(std::abs(inside.tve - 0.05) < 1e-15);
        CHECK(std::abs(inside.fe_hz - 0.004) < 1e-13);
        CHECK(inside.rfe_hz_per_s == 0.25);
        CHECK(phasor_errors(got, truth).tve == 1);
        CHECK(phasor_errors(got, truth, 3).tve == 0);
    }

    TEST_CASE(
        "a steady sine far off nominal, with harmonics of nominal on top, is estimated exactly") {
        constexpr double two_pi = 2 * std::numbers::pi;
        for (const double nominal : {50.0, 60.0})
            for (const double off : {-5.0, -0.7, 0.0, 2.0, 5.0}) {
                CAPTURE(nominal + off);
                const double rate = 128 * nominal;
                std::vector<double> x;
                for (int n = 0; n < 1024; ++n) {
                    const double t = n / rate;
                    x.push_back(325 * std::cos(two_pi * (nominal + off) * t + 0.4) +
                                30 * std::sin(two_pi * 3 * nominal * t) +
                                10 * std::sin(two_pi * 50 * nominal * t));
                }
                for (const std::int64_t row : {255, 300, 511, 768}) {
                    const PhasorReport got = estimate_phasor(x, rate, nominal, row);
                    const double t = static_cast<double>(row) / rate;
                    const auto right =
                        std::polar(325 / std::numbers::sqrt2, 0.4 + two_pi * off * t);
                    CHECK(total_vector_error(got.phasor, right) < 1e-12);
                    CHECK(std::abs(got.f_hz - nominal - off) < 1e-9);
                    CHECK(std::abs(got.rocof_hz_per_s) < 1e-6);
                }
            }
    }

    TEST_CASE("ramps, modulation and noise cost a synchrophasor what is stated") {
        constexpr double two_pi = 2 * std::numbers::pi;
        constexpr double rate = 6400;
        struct Errors {
            double tve{0}, fe{0}, rfe{0};
        };
        // `truth(t)`: the phasor against 50 Hz, and f and its rate as differences to it
        const auto worst = [&](const auto& truth, double noise) {
            const Random random{37, "phasor noise"};
            std::vector<double> x;
            for (int n = 0; n < 2 * 6400; ++n) {
                const auto v = truth(n / rate).phasor * std::polar(1.0, two_pi * (n % 128) / 128);
                x.push_back(std::numbers::sqrt2 * v.real() +
                            noise * random.normal(static_cast<std::uint64_t>(n)));
            }
            Errors e;
            for (std::int64_t row = 255; row + 255 < static_cast<std::int64_t>(x.size());
                 row += 61) {
                const PhasorReport got = estimate_phasor(x, rate, 50, row);
                const PhasorReport right = truth(static_cast<double>(row) / rate);
                e.tve = std::max(e.tve, total_vector_error(got.phasor, right.phasor));
                e.fe = std::max(e.fe, std::abs(got.f_hz - 50 - right.f_hz));
                e.rfe = std::max(e.rfe, std::abs(got.rocof_hz_per_s - right.rocof_hz_per_s));
            }
            return e;
        };
        const auto ramp = [&](double t) {
            return PhasorReport{std::polar(1.0, two_pi * (t * t / 2 - 2 * t)), t - 2, 1};
        };
        const Errors ramped = worst(ramp, 0);
        CHECK(ramped.tve < 2.5e-4);
        CHECK(ramped.fe < 2e-4);
        CHECK(ramped.rfe < 0.005);
        const auto modulated = [&](double t) {
            const double turn = two_pi * 2 * t;
            return PhasorReport{std::polar(1 + 0.1 * std::cos(turn), -0.1 * std::cos(turn)),
                                0.2 * std::sin(turn), 0.1 * two_pi * 4 * std::cos(turn)};
        };
        const Errors swung = worst(modulated, 0);
        CHECK(swung.tve < 9e-4);
        CHECK(swung.fe < 3.5e-3);
        CHECK(swung.rfe < 0.035);
        const auto still = [](double) { return PhasorReport{1, 0, 0}; };
        const Errors noisy = worst(still, 1e-4); // the worst of 200: four sigma at most
        CHECK(noisy.tve < 4 * 0.1 * 1e-4);
        CHECK(noisy.fe < 4 * 0.4 * 1e-4);
        CHECK(noisy.rfe < 4 * 70 * 1e-4);
        CHECK(noisy.fe > 0.4 * 1e-4);
    }
}
