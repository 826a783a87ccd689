#include "sim/ntc.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("resistances of a 10 kohm sensor with beta 3950 are those of its table") {
        const Ntc sensor;
        CHECK(sensor.resistance_ohm(-20) == doctest::Approx(105'384.7).epsilon(1e-6));
        CHECK(sensor.resistance_ohm(25) == 10'000);
        CHECK(sensor.resistance_ohm(100) == doctest::Approx(697.5).epsilon(1e-4));
        for (int t = -20; t <= 100; ++t)
            CHECK(std::abs(sensor.celsius(sensor.resistance_ohm(t)) - t) < 1e-12);
    }

    TEST_CASE("twelve bits hold a temperature to half a code over the range") {
        const Ntc sensor;
        const RatioConverter converter;
        for (int n = 0; n <= 12'000; ++n) {
            const double t = -20 + 0.01 * n;
            const double kelvin = t + 273.15;
            const double x = sensor.resistance_ohm(t) / (sensor.resistance_ohm(t) + 4'700);
            const double half_code = kelvin * kelvin / (2 * 3950 * x * (1 - x) * 4095);
            const auto got = measured_celsius(sensor, converter, t);
            REQUIRE(got);
            CHECK(std::abs(*got - t) < 1.01 * half_code); // bends by 1 % within half a code
            CHECK(half_code < 0.05);
        }
    }

    TEST_CASE("a sensor of 1 % more resistance reads colder, by as much as the equation has it") {
        for (const double t : {-20.0, 25.0, 100.0}) {
            const double kelvin = t + 273.15;
            const auto got = measured_celsius(Ntc{}, RatioConverter{}, t, 0.01);
            REQUIRE(got);
            CHECK(std::abs(*got - t + 0.01 * kelvin * kelvin / 3950) < 0.06);
            CHECK(measured_celsius(Ntc{}, RatioConverter{}, t, 0) ==
                  measured_celsius(Ntc{}, RatioConverter{}, t));
        }
    }

    TEST_CASE("an open or shorted input has no temperature") {
        const Ntc sensor;
        const RatioConverter converter;
        CHECK_FALSE(converter.resistance_ohm(converter.code(1e9)));
        CHECK_FALSE(converter.resistance_ohm(converter.code(0)));
        CHECK(sensor.celsius(*converter.resistance_ohm(converter.full_code() - 1)) < -80);
    }
}
