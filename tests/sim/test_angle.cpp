#include "samples.hpp"
#include "sim/angle.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

using namespace kpmsim;

TEST_SUITE("unit") {

    TEST_CASE("a phasor's angle is the arctangent's to 1e-16 turn, at any size") {
        test::Dice dice{21};
        long double worst = 0;
        for (int n = 0; n < 200000; ++n) {
            const double size = std::pow(10.0, dice(-150, 150));
            const std::complex<double> x{size * dice(-1, 1), size * dice(-1, 1)};
            const long double exact =
                std::atan2(static_cast<long double>(x.imag()), static_cast<long double>(x.real())) /
                (2 * std::numbers::pi_v<long double>);
            worst = std::max(worst, std::abs(turns_of(x) - exact));
        }
        MESSAGE("worst ", static_cast<double>(worst), " turn");
        CHECK(worst < 1e-16L);
    }

    TEST_CASE("on the axes and the diagonals the angle is exact, and nothing has none") {
        CHECK(turns_of({2, 0}) == 0);
        CHECK(turns_of({0, 3}) == 0.25);
        CHECK(turns_of({-1, 0}) == 0.5);
        CHECK(turns_of({0, -1}) == -0.25);
        CHECK(turns_of({5, 5}) == 0.125);
        CHECK(turns_of({-5, -5}) == -0.375);
        CHECK(turns_of({0, 0}) == 0);
    }

} // TEST_SUITE
