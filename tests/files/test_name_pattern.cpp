#include "files/name_pattern.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("names and patterns") {
        CHECK(fits("shop-3", "shop-*"));
        CHECK(fits("shop-3", "*"));
        CHECK(fits("shop-3", "s*p-?"));
        CHECK(fits("shop-3", "*-?"));
        CHECK(fits("shop", "shop*"));
        CHECK(fits("aXbXc", "a*X*c"));
        CHECK(fits("axxbyybzc", "a*b*c"));
        CHECK(fits("", "*"));
        CHECK_FALSE(fits("shop-13", "shop-?"));
        CHECK_FALSE(fits("shop", "sho"));
        CHECK_FALSE(fits("shop-1", "shop"));
        CHECK_FALSE(fits("", "?"));
        CHECK_FALSE(fits("x", ""));
        CHECK_FALSE(fits("abcabd", "*abc"));
    }
}
