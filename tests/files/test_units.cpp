#include "files/units.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace kpmsim;

namespace {
double read(const char* text, Unit unit) {
    std::string why;
    const auto value = parse_quantity(text, unit, why);
    REQUIRE_MESSAGE(value.has_value(), why);
    return *value;
}
std::string complaint(const char* text, Unit unit) {
    std::string why;
    CHECK_FALSE(parse_quantity(text, unit, why).has_value());
    return why;
}
} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a quantity with a prefix is the nearest double of its SI value") {
        CHECK(read("230 V", Unit::volt) == 230.0);
        CHECK(read("10 kV", Unit::volt) == 10000.0);
        CHECK(read("100mV", Unit::volt) == 0.1);
        CHECK(read("-20 mA", Unit::ampere) == -0.02);
        CHECK(read("1.2 kA", Unit::ampere) == 1200.0);
        CHECK(read(" 12.5 kW ", Unit::watt) == 12500.0);
        CHECK(read("1 MW", Unit::watt) == 1e6);
        CHECK(read("3 kvar", Unit::var) == 3000.0);
        CHECK(read("4 kVA", Unit::volt_ampere) == 4000.0);
        CHECK(read("50 mHz", Unit::hertz) == 0.05);
        CHECK(read("200 ms", Unit::second) == 0.2);
        CHECK(read("7 us", Unit::second) == 7e-6);
        CHECK(read("-4 min", Unit::second) == -240.0);
        CHECK(read("15m", Unit::second) == 900.0);
        CHECK(read("2 h", Unit::second) == 7200.0);
        CHECK(read("1 d", Unit::second) == 86400.0);
        CHECK(read("+180deg", Unit::degree) == 180.0);
        CHECK(read("2.5 %", Unit::fraction) == 0.025);
        CHECK(read("25 degC", Unit::celsius) == 25.0);
    }

    TEST_CASE("a wrong quantity is answered by what it is and what would be right") {
        CHECK(complaint("12 kV", Unit::watt) ==
              "\"12 kV\" is a voltage; write a power such as \"12 kW\"");
        CHECK(complaint("12", Unit::watt) ==
              "\"12\" lacks its unit; write a power such as \"12 kW\"");
        CHECK(complaint("12 kw", Unit::watt) ==
              "\"12 kw\" has the unknown unit kw; write a power such as \"12 kW\"");
        CHECK(complaint("1,5 kW", Unit::watt) ==
              "\"1,5 kW\" has a comma in its number, where a point belongs; write a power such as "
              "\"12 kW\"");
        CHECK(complaint("lots", Unit::second) ==
              "\"lots\" does not begin with a number; write a time such as \"30 s\"");
        CHECK(complaint("", Unit::volt) ==
              "\"\" does not begin with a number; write a voltage such as \"230 V\"");
        CHECK(complaint("1e400 V", Unit::volt).find("beyond") != std::string::npos);
        CHECK(complaint("nan V", Unit::volt).find("beyond") != std::string::npos);
        CHECK(complaint("1.8e302 MW", Unit::watt) ==
              "\"1.8e302 MW\" is beyond any number that a meter could meet; write a power such as "
              "\"12 kW\"");
        CHECK(complaint("-1e304 d", Unit::second).find("beyond") != std::string::npos);
        CHECK(read("1.7e302 MW", Unit::watt) == 1.7e302 * 1e6);
    }
}
