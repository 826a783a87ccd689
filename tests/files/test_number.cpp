#include "files/number.hpp"
#include "files/units.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("a number may have a sign of either kind, one mark and an exponent") {
        CHECK(read_number("-1.5") == -1.5);
        CHECK(read_number("+1") == 1.0);
        CHECK(read_number("+.5e-3") == 0.0005);
        CHECK(read_number("2.836798e+000") == 2.836798);
        CHECK(read_number("1,5", ',') == 1.5);
        CHECK(read_number("+1,25e3", ',') == 1250.0);
        CHECK(read_number("7", ',') == 7.0);
        for (const std::string wrong : {"", "+", "-", "+-1", "++1", "1,5", "1 ", " 1", "0x10",
                                        "nan", "inf", "1e999", "1.2.3", "ten"})
            CHECK_FALSE_MESSAGE(read_number(wrong), wrong);
        for (const std::string wrong : {"1.5", "1,2,3", "1.234,5", ","})
            CHECK_FALSE_MESSAGE(read_number(wrong, ','), wrong);
    }

    TEST_CASE("marks between thousands are seen, whatever they are") {
        for (const std::string marked :
             {"1.234,5", "1,234.5", "1.234.567", "-1 234,5", "1'234.5", "12 345", "+1\u00A0234",
              "1\u202F234,5", "1\u2019234", "123.456.789,"})
            CHECK_MESSAGE(has_thousands_marks(marked), marked);
        for (const std::string plain : {"", "1", "1.234", "1,234", "1234.5", "1234,5", "1.23.456",
                                        "1 23", "1.234 kW", "1'234'5", "12.5", "08.01.2026", "x"})
            CHECK_FALSE_MESSAGE(has_thousands_marks(plain), plain);
    }

    TEST_CASE("a quantity has one sign") {
        std::string why;
        CHECK(parse_quantity("+5 V", Unit::volt, why) == 5.0);
        CHECK_FALSE(parse_quantity("+-5 V", Unit::volt, why));
        CHECK(why.find("does not begin with a number") != std::string::npos);
    }
}
