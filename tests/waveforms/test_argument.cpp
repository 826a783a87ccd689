#include "waveforms/argument.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using kpmsim::argument;

TEST_SUITE("unit") {
    TEST_CASE("the angle of a phasor, all the way round") {
        double worst = 0;
        for (int n = 0; n < 100'000; ++n) {
            const double angle = std::numbers::pi * (n / 50'000.0 - 1) + 1e-9;
            const double size = std::pow(10.0, n % 31 - 15);
            const std::complex<double> z{size * std::cos(angle), size * std::sin(angle)};
            const long double right =
                std::atan2(static_cast<long double>(z.imag()), static_cast<long double>(z.real()));
            worst = std::max(worst, static_cast<double>(std::abs(argument(z) - right)));
        }
        CHECK(worst < 3e-15);
        CHECK(worst > 0);
    }

    TEST_CASE("the axes, a small angle, and nothing") {
        CHECK(argument({2, 0}) == 0.0);
        CHECK(argument({0, 3}) == doctest::Approx(std::numbers::pi / 2).epsilon(1e-15));
        CHECK(argument({0, -3}) == doctest::Approx(-std::numbers::pi / 2).epsilon(1e-15));
        CHECK(argument({-1, 0}) == doctest::Approx(std::numbers::pi).epsilon(1e-15));
        CHECK(argument({1, 1e-12}) == doctest::Approx(1e-12).epsilon(1e-15));
        CHECK(std::isnan(argument({0, 0})));
    }
}
