#include "scenarios/file/expression.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {
std::int64_t value(const char* text, std::int64_t n) {
    std::string why;
    const auto result = evaluate(text, n, why);
    REQUIRE_MESSAGE(result.has_value(), why);
    return *result;
}
std::string complaint(const char* text) {
    std::string why;
    CHECK_FALSE(evaluate(text, 1, why).has_value());
    return why;
}
} // namespace

TEST_SUITE("unit") {
    TEST_CASE("an address expression follows the usual order of operations") {
        CHECK(value("1 + 4*n", 0) == 1);
        CHECK(value("1 + 4*n", 3) == 13);
        CHECK(value("(1 + n) * 4 - 2*n", 3) == 10);
        CHECK(value("-n + 10", 3) == 7);
        CHECK(value("10 - 3 - 2", 0) == 5);
        CHECK(value(" 7 ", 9) == 7);
    }

    TEST_CASE("what is no expression says where it cannot be followed") {
        CHECK(complaint("") == "ends too soon");
        CHECK(complaint("1 +") == "ends too soon");
        CHECK(complaint("1 + m") == "cannot be followed at \"m\"");
        CHECK(complaint("4n") == "cannot be followed at \"n\"");
        CHECK(complaint("(1 + n") == "lacks a closing bracket");
        CHECK(complaint("9007199254740993 * n") == "gives a number that is too large");
        CHECK(complaint("9007199254740992 * 9007199254740992") ==
              "gives a number that is too large");
        CHECK(complaint(std::string(5000, '(').c_str()) == "is nested too deeply");
    }

    TEST_CASE("a pattern puts numbers into a text, with a least width") {
        std::string why;
        CHECK(fill_in("feeder-{n+1:02}", 0, why) == "feeder-01");
        CHECK(fill_in("feeder-{n+1:02}", 99, why) == "feeder-100");
        CHECK(fill_in("{n}-{2*n:3}", 4, why) == "4-  8");
        CHECK(fill_in("{n-5:03}", 0, why) == "-05");
        CHECK(fill_in("plain", 4, why) == "plain");
        CHECK(fill_in("{site}/{n+1}{site}", 0, why, {{"site", "east"}}) == "east/1east");
        CHECK_FALSE(fill_in("{site}", 0, why).has_value());
        CHECK(why == "cannot be followed at \"site\"");
        CHECK_FALSE(fill_in("a{n", 0, why).has_value());
        CHECK(why == "has a { without a }");
        CHECK_FALSE(fill_in("a}n", 0, why).has_value());
        CHECK(why == "has a } without a {");
        CHECK_FALSE(fill_in("{n:x}", 0, why).has_value());
        CHECK(why == "has the unknown form \"x\" after the colon");
    }
}
