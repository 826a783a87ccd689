#include "files/duration.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

std::chrono::nanoseconds read(std::string_view text, std::optional<double> cycle_hz = {}) {
    Fault fault;
    const auto length = read_duration(text, cycle_hz, fault);
    REQUIRE_MESSAGE(length.has_value(), fault.what);
    return *length;
}

std::string complaint(std::string_view text, std::optional<double> cycle_hz = {}) {
    Fault fault;
    CHECK_FALSE(read_duration(text, cycle_hz, fault).has_value());
    return fault.what + "; " + fault.cure;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a length of time is read with or without a blank") {
        CHECK(read("200 ms") == 200ms);
        CHECK(read("7us") == 7us);
        CHECK(read("60s") == 1min);
        CHECK(read("10 min") == 10min);
        CHECK(read("15m") == 15min);
        CHECK(read(" 1.5 m ") == 90s);
        CHECK(read("2h") == 2h);
        CHECK(read("1 d") == 24h);
        CHECK(read("0 s") == 0s);
        CHECK(read("1500000000 s") == longest_duration);
        CHECK(read("1.4 us") == 1400ns);
        CHECK(read("0.0000016 ms") == 2ns); // to the nearest
    }

    TEST_CASE("cycles have the length of what they are counted on") {
        CHECK(read("10 cycles", 50.0) == 200ms);
        CHECK(read("1cycle", 50.0) == 20ms);
        CHECK(read("0.5 cycles", 50.0) == 10ms);
        CHECK(read("12 cycles", 60.0) == 200ms);
        CHECK(read("1 cycle", 60.0) == 16'666'667ns);
    }

    TEST_CASE("what is no length of time is told with a cure") {
        CHECK(
            complaint("soon") ==
            R"("soon" does not begin with a number; write a time such as "200 ms", "15m" or "2h")");
        CHECK(complaint("15") ==
              R"("15" lacks its unit; write a time such as "200 ms", "15m" or "2h")");
        CHECK(complaint("3 kV", 50.0) ==
              R"("3 kV" is a voltage; write a time such as "200 ms", "15m" or "10 cycles")");
        CHECK(
            complaint("10 cycles") ==
            R"("10 cycles" is in cycles, and nothing here has any; write a time such as "200 ms", "15m" or "2h")");
        CHECK(complaint("ten cycles", 50.0).starts_with(R"("ten cycles" cannot be read)"));
        CHECK(complaint("cycles", 50.0).starts_with(R"("cycles" cannot be read)"));
        CHECK(complaint("10 cycless", 50.0).find("unknown unit cycless") != std::string::npos);
        CHECK(complaint("-1 s").starts_with(R"("-1 s" is not a time that can pass)"));
        CHECK(complaint("-1 cycle", 50.0).starts_with(R"("-1 cycle" is not a time)"));
        CHECK(complaint("1500000001 s").starts_with(R"("1500000001 s" is longer than 47 years)"));
        CHECK(complaint("1e300 d").find("longer than 47 years") != std::string::npos);
        CHECK(complaint("").starts_with(R"("" does not begin)"));
    }
}
