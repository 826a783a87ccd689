#include "scenarios/verdict/poll_watch.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace std::chrono_literals;
using doctest::Approx;

namespace {

Noted request(SimDuration at, const std::string& meter, const std::string& what, int circuit = 0) {
    Noted noted;
    noted.at = SimTime{} + at;
    noted.client = "scada";
    noted.event = "request";
    noted.meter = meter;
    noted.what = what;
    noted.circuit = circuit;
    return noted;
}

constexpr double character_s = 11.0 / 9600;

PolledLine line(const std::string&, const std::string& meter) {
    return meter == "far" ? PolledLine{} : PolledLine{"line1", character_s, 60};
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a plan is what was asked, how often, and how long its line takes for it") {
        PollWatch watch;
        for (int n = 0; n < 5; ++n) {
            watch.take(request(n * 2s, "a", "03 0000H 10"));
            watch.take(request(n * 6s, "a", "03 0100H 2"));
        }
        watch.take(request(1s, "far", "03 0000H 10"));
        watch.take(request(1s, "a", "06 0000H 1")); // no read
        Noted answer = request(1s, "a", "03 0000H 10");
        answer.event = "answer";
        watch.take(answer);
        const auto plans = watch.plans(line);
        REQUIRE(plans.size() == 2);
        CHECK(plans[0].line.empty());
        CHECK(plans[0].line_s == 0);
        CHECK(plans[0].every_s == 0);
        const PollSeen& polled = plans[1];
        CHECK(polled.line == "line1");
        REQUIRE(polled.reads.size() == 2);
        CHECK(polled.reads[0].times == 5);
        CHECK(polled.reads[0].every_s == Approx(2));
        CHECK(polled.reads[1].every_s == Approx(6));
        CHECK(polled.every_s == Approx(2));
        // 8 + 3.5 characters of a request, 5 + 2 words + 3.5 of its answer
        CHECK(polled.reads[0].line_s == Approx((8 + 5 + 20 + 7) * character_s));
        CHECK(polled.line_s == Approx((8 + 5 + 20 + 7 + 8 + 5 + 4 + 7) * character_s));
        CHECK(polled.could_be_one.empty());
        CHECK(characters_of_read(1, 9) == 8 + 5 + 2 + 7);
    }

    TEST_CASE("reads that stand side by side could be one, as far as one read goes") {
        PollWatch watch;
        watch.take(request(0s, "a", "03 0002H 2"));
        watch.take(request(0s, "a", "03 0000H 2"));
        watch.take(request(0s, "a", "03 0003H 7"));
        watch.take(request(0s, "a", "03 000BH 1"));    // a word further on
        watch.take(request(0s, "a", "04 0004H 2"));    // another function
        watch.take(request(0s, "b", "03 0004H 2"));    // another meter
        watch.take(request(0s, "a", "03 0004H 2", 1)); // another circuit
        watch.take(request(0s, "c", "03 0000H 40"));
        watch.take(request(0s, "c", "03 0028H 40")); // 80 words are too many
        const auto plans = watch.plans(line);
        REQUIRE(plans.size() == 1);
        REQUIRE(plans[0].could_be_one.size() == 1);
        const double before = 3 * (8 + 5 + 7) + 2 * (2 + 2 + 7);
        const double after = 8 + 5 + 7 + 2 * 10;
        CHECK(plans[0].could_be_one[0] ==
              "a: 03 0000H 2 and 03 0002H 2 and 03 0003H 7 could be 03 0000H 10, " +
                  std::to_string((before - after) * character_s * 1e3).substr(0, 4) + " ms less");
    }
}
