#include "samples.hpp"
#include "sim/readings.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;

namespace {

/// Three fundamentals, with the rms values that they alone have.
VoltageWindow voltages(bool star, const std::array<std::complex<double>, 3>& of) {
    VoltageWindow u;
    u.star = star;
    for (std::size_t c = 0; c < 3; ++c) {
        u.x[c][1] = of[c];
        (star ? u.phase_rms : u.line_rms)[c] = std::abs(of[c]);
    }
    return u;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a lead of less than the last bit of a turn reads 0 degrees, not 360") {
        Readings r;
        voltage_readings(voltages(true, {{{1, 0}, {1, 1e-20}, {1, -1e-20}}}), r);
        CHECK(r[Slot::angle_u_b] == 0);
        CHECK(r[Slot::angle_u_c] == doctest::Approx(0));
    }

    TEST_CASE("a three-wire meter has no zero sequence, whatever its lines round to") {
        test::Dice dice{11};
        for (int trial = 0; trial < 50; ++trial) {
            const std::complex<double> ab{dice(300, 400), dice(-50, 50)};
            const std::complex<double> bc{dice(-250, -150), dice(-400, -300)};
            Readings r;
            voltage_readings(voltages(false, {ab, bc, -(ab + bc)}), r);
            CHECK(r[Slot::u_pos] > 100);
            CHECK(r[Slot::u_zero] == 0);
            CHECK(r[Slot::unb_u0] == 0);
        }
    }
}
