#include "quality/synchrophasor.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

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
}
