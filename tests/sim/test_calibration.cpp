#include "sim/calibration.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("two points give back gains and lag, and a trim takes them off") {
        AdcChannel u, i;
        u.gain_error = 0.02;
        u.phase_error_rad = 0.01;
        i.gain_error = -0.03;
        i.phase_error_rad = -0.02;
        const auto point = [&](double phi) {
            CalibrationPoint p{230, 5, 1150 * std::cos(phi)};
            p.read_u_v = 230 * (1 + u.gain_error);
            p.read_i_a = 5 * (1 + i.gain_error);
            p.read_p_w =
                p.read_u_v * p.read_i_a * std::cos(phi + i.phase_error_rad - u.phase_error_rad);
            return p;
        };
        const Trim trim = calibrate(point(0), point(std::numbers::pi / 3));
        CHECK(trim.lag_rad == doctest::Approx(-0.03).epsilon(1e-12));
        apply(trim, u, i);
        CHECK(std::abs(u.gain_error) < 1e-15);
        CHECK(std::abs(i.gain_error) < 1e-15);
        CHECK(i.phase_error_rad == doctest::Approx(u.phase_error_rad).epsilon(1e-12));
    }
}
