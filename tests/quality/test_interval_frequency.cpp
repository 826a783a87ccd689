#include "quality/interval_frequency.hpp"

#include "sim/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

using namespace kpmsim;

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

/// `theta(t)` in turns; harmonics 2 to 31 with odd ones of 25 % over the order and even ones of 2 %.
std::vector<double> wave(double seconds, double rate_hz, const std::function<double(double)>& theta,
                         bool harmonics, const Random& random, double noise = 0) {
    std::vector<double> x(static_cast<std::size_t>(std::llround(seconds * rate_hz)));
    for (std::size_t n = 0; n < x.size(); ++n) {
        const double turns = theta(static_cast<double>(n) / rate_hz);
        const double angle = two_pi * (turns - std::floor(turns));
        x[n] = std::sin(angle);
        for (int h = 2; harmonics && h <= 31; ++h)
            x[n] += (h % 2 != 0 ? 0.25 / h : 0.02 / h) *
                    std::sin(h * angle +
                             two_pi * random.uniform(1'000 + static_cast<std::uint64_t>(h)));
        if (noise > 0)
            x[n] += noise * random.normal(n);
    }
    return x;
}

/// White noise `db` below the rms of a sine of amplitude 1.
double noise_of(double db) { return std::pow(10, db / 20) / std::numbers::sqrt2; }

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("a steady frequency among harmonics is right to 5e-8 Hz, noise and dips aside") {
        double worst_clean = 0;
        double worst_dip = 0;
        double worst_101 = 0;
        double worst_60 = 0;
        for (int trial = 0; trial < 20; ++trial) {
            const Random random{static_cast<std::uint64_t>(trial), "steady frequency"};
            const bool fifty = trial % 2 == 0;
            const double f = fifty ? 42.5 + 15 * random.uniform(0) : 51 + 18 * random.uniform(0);
            const double nominal = fifty ? 50 : 60;
            const double start = random.uniform(1);
            const auto theta = [&](double t) { return start + f * t; };
            std::vector<double> x = wave(10, 8000, theta, true, random);
            CAPTURE(f);
            worst_clean = std::max(worst_clean, std::abs(phasor_frequency(x, 8000, nominal) - f));
            std::vector<double> noisy = x;
            for (std::size_t n = 0; n < x.size(); ++n)
                noisy[n] += noise_of(-101) * random.normal(n);
            worst_101 = std::max(worst_101, std::abs(phasor_frequency(noisy, 8000, nominal) - f));
            noisy = x;
            for (std::size_t n = 0; n < x.size(); ++n)
                noisy[n] += noise_of(-60) * random.normal(n);
            worst_60 = std::max(worst_60, std::abs(phasor_frequency(noisy, 8000, nominal) - f));
            // Dips to 10 % and to nothing, well inside.
            for (std::size_t n = 20'000; n < 26'000; ++n)
                x[n] *= n < 24'000 ? 0.1 : 0;
            for (std::size_t n = 50'000; n < 50'500; ++n)
                x[n] = 0;
            worst_dip = std::max(worst_dip, std::abs(phasor_frequency(x, 8000, nominal) - f));
        }
        INFO("worst, Hz: clean ", worst_clean, ", with dips ", worst_dip, ", at -101 dB ",
             worst_101, ", at -60 dB ", worst_60);
        CHECK(worst_clean < 5e-8);
        CHECK(worst_dip < 5e-8);
        CHECK(worst_101 < 1e-7);
        CHECK(worst_60 < 5e-6);
    }

    TEST_CASE("gaps of half a second and more cost no turn, wherever they begin") {
        double worst = 0;
        for (int trial = 0; trial < 40; ++trial) {
            const Random random{static_cast<std::uint64_t>(trial), "gaps"};
            const bool harmonics = trial % 2 == 1;
            const double f = trial < 20 ? 50 : 42.5 + 15 * random.uniform(0);
            const double start = 0.1 * trial;
            const auto theta = [&](double t) { return start + f * t; };
            std::vector<double> x = wave(10, 8000, theta, harmonics, random);
            const auto gap = [&](double from_s, double length_s) {
                const auto first = x.begin() + std::llround(from_s * 8000);
                std::fill(first, first + std::llround(length_s * 8000), 0.0);
            };
            gap(5.5 + 0.037 * trial, 0.5);
            if (trial >= 10) // two of them with little in between, or one long one
                gap(1 + 0.02 * trial, trial % 3 == 0 ? 3.5 : 0.7);
            worst = std::max(worst, std::abs(phasor_frequency(x, 8000, 50) - f));
        }
        INFO("worst, Hz: ", worst);
        CHECK(worst < 5e-8);
    }

    TEST_CASE("a gap in a ramp is bridged with the frequency of both its sides") {
        const Random random{6, "gap in a ramp"};
        for (const double slope : {1.0, -1.0}) {
            const auto ramp = [&](double t) { return (50 - 5 * slope) * t + slope * t * t / 2; };
            std::vector<double> x = wave(10, 8000, ramp, true, random);
            std::fill(x.begin() + 24'000, x.begin() + 32'000, 0.0); // a second
            const double middle_s = 79'999 / 2.0 / 8000;
            CHECK(std::abs(phasor_frequency(x, 8000, 50) - (50 + slope * (middle_s - 5))) < 1e-6);
        }
    }

    TEST_CASE("whole cycles over their duration follow ramps to 1e-8 Hz and swings to 5e-7 Hz") {
        double worst_ramp = 0;
        double worst_swing = 0;
        double worst_steady = 0;
        for (int trial = 0; trial < 20; ++trial) {
            const Random random{static_cast<std::uint64_t>(trial), "moving frequency"};
            const double nominal = trial % 2 == 0 ? 50 : 60;
            const double start = random.uniform(0);
            const double swing = random.uniform(1);
            const double slope = trial % 4 < 2 ? 1 : -1;
            const auto ramp = [&](double t) {
                return start + (nominal - 5 * slope) * t + slope * t * t / 2;
            };
            const auto swinging = [&](double t) {
                return start + nominal * t + 0.1 / two_pi * std::sin(two_pi * (2 * t + swing));
            };
            const auto steady = [&](double t) { return start + (nominal + 4.3) * t; };
            const auto error = [&](const std::function<double(double)>& theta, bool harmonics) {
                const CycleCount count =
                    count_cycles(wave(10.2, 8000, theta, harmonics, random), 8000, nominal);
                // Which cycles were counted is read off; how long they took is not.
                const double first = std::round(theta(count.begin_s));
                const double last = std::round(theta(count.end_s));
                CHECK(count.cycles == static_cast<std::int64_t>(last - first));
                CHECK(count.begin_s < 0.1 + 1.05 / theta(1));
                CHECK(count.end_s > 10.1 - 0.025);
                const auto crossing = [&](double turns, double t) {
                    for (int pass = 0; pass < 50; ++pass)
                        t -= (theta(t) - turns) / nominal;
                    return t;
                };
                const double truth =
                    (last - first) / (crossing(last, count.end_s) - crossing(first, count.begin_s));
                return std::abs(count.f_hz() - truth);
            };
            worst_ramp = std::max(worst_ramp, error(ramp, false));
            worst_swing = std::max(worst_swing, error(swinging, false));
            worst_steady = std::max(worst_steady, error(steady, true));
        }
        INFO("worst, Hz: ramp ", worst_ramp, ", swing ", worst_swing, ", steady with harmonics ",
             worst_steady);
        CHECK(worst_ramp < 1e-8);
        CHECK(worst_swing < 5e-7);
        CHECK(worst_steady < 1e-8);
    }

    TEST_CASE("a ramp's phasors give the frequency in the middle") {
        const Random random{5, "ramp"};
        const auto ramp = [](double t) { return 0.3 + 45 * t + t * t / 2; };
        const double middle_s = 79'999 / 2.0 / 8000; // between the first sample and the last
        CHECK(std::abs(phasor_frequency(wave(10, 8000, ramp, true, random), 8000, 50) -
                       (45 + middle_s)) < 1e-6);
    }
}

TEST_SUITE("unit") {
    TEST_CASE("without a voltage there is no frequency") {
        const std::vector<double> none(80'000);
        CHECK(phasor_frequency(none, 8000, 50) == 0);
        CHECK(count_cycles(none, 8000, 50).f_hz() == 0);
        CHECK(phasor_frequency({}, 8000, 50) == 0);
    }
}
