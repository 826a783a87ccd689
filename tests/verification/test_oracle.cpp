#include "oracle.hpp"

#include "verification/parameter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace kpmsim;
using kpmsim::test::Fit;

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

struct Sine {
    double f_hz, peak, angle;
};

std::vector<double> samples_of(const std::vector<Sine>& sines, double dc, int count,
                               double rate_hz) {
    std::vector<double> x;
    for (int n = 0; n < count; ++n) {
        const double t = (n - (count - 1) / 2.0) / rate_hz;
        x.push_back(dc);
        for (const Sine& s : sines)
            x.back() += s.peak * std::sin(two_pi * s.f_hz * t + s.angle);
    }
    return x;
}

double off(const std::complex<long double>& found, const Sine& s) {
    return static_cast<double>(
        std::abs(found - std::polar(s.peak / std::numbers::sqrt2_v<long double>,
                                    static_cast<long double>(s.angle))));
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("the oracle finds frequency and phasors of a wave that it is told nothing about") {
        std::vector<double> x;
        for (int n = 0; n < 1500; ++n) {
            const double t = (n - 749.5) / 7000;
            const double w = 2 * std::numbers::pi * 53.217;
            x.push_back(0.01 + std::sin(w * t + 0.4) + 0.2 * std::sin(17 * w * t - 1));
        }
        const Fit fit = test::fit_sines({x}, 7000);
        CHECK(std::abs(static_cast<double>(fit.f_hz) - 53.217) < 1e-12);
        CHECK(std::abs(static_cast<double>(std::abs(fit.phasors[0][1])) - std::sqrt(0.5)) < 1e-13);
        CHECK(std::abs(static_cast<double>(std::arg(fit.phasors[0][1])) - 0.4) < 1e-13);
        CHECK(std::abs(static_cast<double>(std::abs(fit.phasors[0][17])) - 0.2 * std::sqrt(0.5)) <
              1e-13);
        CHECK(fit.tones.empty());
    }

    TEST_CASE("the oracle is as right as its header says, with up to three tones between") {
        for (int n = 0; n < 12; ++n) {
            Draw draw{"oracle", n};
            const double f = draw.between(42.5, 69);
            const double u1 = std::numbers::sqrt2;
            std::vector<Sine> sines{{f, u1, draw.between(-3, 3)}};
            for (int h = 2; h <= 50; ++h)
                sines.push_back({h * f, draw.between(0, 0.2) * u1 / h, draw.between(-3, 3)});
            const int tones = n % 4;
            for (int k = 0; k < tones; ++k) // 0.2 s: 10 Hz from the nearest harmonic and more
                sines.push_back(
                    {(std::floor(draw.between(1, 10)) + 10 * k + draw.between(0.3, 0.7)) * f,
                     draw.between(0.002, 0.01) * std::pow(0.1, k) * u1, draw.between(-3, 3)});
            const Fit fit = test::fit_sines({samples_of(sines, 0.01, 1600, 8000)}, 8000);
            CHECK(fit.residual < 1e-9L);
            CHECK(std::abs(static_cast<double>(fit.f_hz) - f) < 1e-9);
            CHECK(std::abs(static_cast<double>(fit.phasors[0][0].real()) - 0.01) < 1e-9);
            for (std::size_t h = 1; h <= 50; ++h)
                CHECK(off(fit.phasors[0][h], sines[h - 1]) < 1e-9);
            REQUIRE(fit.tones.size() == static_cast<std::size_t>(tones));
            for (const test::FoundTone& tone : fit.tones) {
                const auto drawn =
                    std::min_element(sines.begin(), sines.end(), [&](const Sine& a, const Sine& b) {
                        return std::abs(a.f_hz - static_cast<double>(tone.f_hz)) <
                               std::abs(b.f_hz - static_cast<double>(tone.f_hz));
                    });
                CHECK(std::abs(static_cast<double>(tone.f_hz) - drawn->f_hz) <
                      1e-9 * u1 / drawn->peak);
                CHECK(off(tone.phasors[0], *drawn) < 1e-9);
            }
        }
    }

    TEST_CASE("the oracle says when samples are no sum of steady sines") {
        std::vector<double> x = samples_of({{50, 1, 0.3}, {125, 0.01, 1}}, 0, 1280, 6400);
        for (std::size_t n = 700; n < x.size(); ++n)
            x[n] *= 1.001;
        CHECK(test::fit_sines({x}, 6400).residual > 1e-6L);
    }

    TEST_CASE("the oracle's fit gives its samples back") {
        const std::vector<double> x =
            samples_of({{51.3, 1, 0.3}, {153.9, 0.1, 2}, {125, 0.01, 1}}, 0.02, 1280, 6400);
        const Fit fit = test::fit_sines({x}, 6400);
        for (std::size_t n = 0; n < x.size(); n += 37)
            CHECK(std::abs(static_cast<double>(test::value_at(
                               fit, 0, (static_cast<long double>(n) - 639.5L) / 6400)) -
                           x[n]) < 1e-12);
    }
}
