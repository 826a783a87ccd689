#include "quality/aggregation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

/// The k-th crossing of a frequency, the zeroth being `offset` after the clock's zero.
SimTime crossing(std::int64_t k, double f_hz, double offset_s) {
    return SimTime{SimDuration{std::llround((offset_s + static_cast<double>(k) / f_hz) * 1e9)}};
}

/// The first crossing on or after a moment.
std::int64_t first_from(double at_s, double f_hz, double offset_s) {
    return std::max<std::int64_t>(
        0, static_cast<std::int64_t>(std::ceil((at_s - offset_s) * f_hz - 1e-6)));
}

std::vector<PlannedWindow> plan(int cycles, double f_hz, double offset_s, double seconds) {
    WindowPlan windows{cycles};
    std::vector<PlannedWindow> out;
    for (std::int64_t k = 0; offset_s + static_cast<double>(k) / f_hz < seconds; ++k)
        windows.push(crossing(k, f_hz, offset_s), out);
    return out;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("windows have no gap, and each interval has as many as its cycles fill") {
        for (const double f : {49.37, 50.0, 50.61, 42.5, 57.5})
            for (const double offset : {0.0, 0.0137}) {
                CAPTURE(f);
                CAPTURE(offset);
                const std::vector<PlannedWindow> windows = plan(10, f, offset, 1812);
                for (std::int64_t interval = 0; interval < 3; ++interval) {
                    const std::int64_t first =
                        first_from(600.0 * static_cast<double>(interval), f, offset);
                    const std::int64_t next =
                        first_from(600.0 * static_cast<double>(interval + 1), f, offset);
                    std::int64_t expected = first;
                    std::int64_t count = 0;
                    for (const PlannedWindow& w : windows)
                        if (w.in_interval && w.interval == interval) {
                            CHECK(w.first_cycle == expected);
                            CHECK(w.begin == crossing(w.first_cycle, f, offset));
                            CHECK(w.end == crossing(w.first_cycle + 10, f, offset));
                            expected += 10;
                            ++count;
                        }
                    CHECK(count == (next - first + 9) / 10); // the last one overlaps the tick
                }
            }
    }

    TEST_CASE("every group has fifteen windows, and the one under way at a tick is completed") {
        // 29 622 cycles in 10 minutes: 197 groups, 7 windows and 2 cycles.
        const std::vector<PlannedWindow> windows = plan(10, 49.37, 0, 1300);
        std::int64_t last_group = 0;
        for (const PlannedWindow& w : windows)
            last_group = std::max(last_group, w.group);
        for (std::int64_t g = 0; g < last_group - 1; ++g) {
            CAPTURE(g);
            std::int64_t at = -1;
            int count = 0;
            int outside = 0;
            bool complete = false;
            for (const PlannedWindow& w : windows)
                if (w.group == g) {
                    CHECK((at < 0 || w.first_cycle == at));
                    at = w.first_cycle + 10;
                    ++count;
                    outside += w.in_interval ? 0 : 1;
                    complete = w.completes_group;
                }
            CHECK(count == 15);
            CHECK(complete);
            CHECK(outside == (g % 198 == 197 ? 7 : 0)); // 8 with the overlapping one before
        }
    }

    TEST_CASE("at 12 cycles of 60 Hz an hour begins at each tick without any overlap") {
        const std::vector<PlannedWindow> windows = plan(12, 60, 0, 1201);
        CHECK(std::none_of(
            windows.begin(), windows.end(), [](const PlannedWindow& w) { return !w.in_interval; }));
        CHECK(std::count_if(windows.begin(), windows.end(),
                            [](const PlannedWindow& w) { return w.interval == 1; }) == 3000);
    }

    TEST_CASE("a few windows aggregate to the square root of the mean of their squares") {
        CHECK(aggregate(std::array{3.0, 4.0, 5.0}) == std::sqrt(50.0 / 3));
        CHECK(aggregate({}) == 0);
    }
}

TEST_SUITE("validation") {
    TEST_CASE(
        "150/180 cycles, 10 minutes and 2 hours of a rising voltage, across ticks at 49.37 Hz") {
        // Window n of all has the value of its first cycle: 200 + cycle / 10000.
        const double f = 49.37;
        const double offset = 0.0071;
        const auto value = [](std::int64_t cycle) {
            return 200 + static_cast<double>(cycle) * 1e-4;
        };
        Aggregation aggregation;
        Aggregates got;
        const std::vector<PlannedWindow> windows = plan(10, f, offset, 4 * 3600 + 660);
        for (const PlannedWindow& w : windows)
            aggregation.push(w, value(w.first_cycle), false, got);

        // Sum of (a + b n)^2 over n < m.
        const auto truth = [&](std::int64_t first, std::int64_t m) {
            const auto n = static_cast<double>(m);
            const double a = value(first);
            const double b = 1e-3;
            return std::sqrt(a * a + a * b * (n - 1) + b * b * (n - 1) * (2 * n - 1) / 6);
        };
        double worst = 0;
        REQUIRE(got.intervals.size() >= 24);
        double squares = 0;
        for (std::int64_t k = 0; k < 24; ++k) {
            const auto at = [&](std::int64_t interval) {
                return first_from(600.0 * static_cast<double>(interval), f, offset);
            };
            const std::int64_t count = (at(k + 1) - at(k) + 9) / 10;
            const Aggregate& a = got.intervals[static_cast<std::size_t>(k)];
            CHECK(a.number == k);
            CHECK(a.parts == count);
            const double expected = truth(at(k), count);
            worst = std::max(worst, std::abs(a.value / expected - 1));
            squares += expected * expected;
            if (k % 12 == 11) {
                const Aggregate& two_hours = got.two_hours[static_cast<std::size_t>(k / 12)];
                CHECK(two_hours.number == k / 12);
                CHECK(two_hours.parts == 12);
                worst = std::max(worst, std::abs(two_hours.value / std::sqrt(squares / 12) - 1));
                squares = 0;
            }
        }
        CHECK(got.two_hours.size() == 2);
        for (const Aggregate& group : got.groups) {
            CHECK(group.parts == 15);
            const auto w =
                std::find_if(windows.begin(), windows.end(),
                             [&](const PlannedWindow& x) { return x.group == group.number; });
            worst = std::max(worst, std::abs(group.value / truth(w->first_cycle, 15) - 1));
        }
        INFO("worst relative error: ", worst);
        CHECK(worst < 1e-12);
    }

    TEST_CASE("a flag goes up into everything that contains the window, and into nothing else") {
        Aggregation aggregation;
        Aggregates got;
        const std::vector<PlannedWindow> windows = plan(10, 50, 0, 7300);
        for (const PlannedWindow& w : windows)
            aggregation.push(w, 1, w.first_cycle == 10 * (3000 * 5 + 31), got); // in interval 5
        for (const Aggregate& g : got.groups)
            CHECK(g.flagged == (g.number == 5 * 200 + 2));
        for (const Aggregate& i : got.intervals)
            CHECK(i.flagged == (i.number == 5));
        REQUIRE(got.two_hours.size() == 1);
        CHECK(got.two_hours[0].flagged);
        CHECK(got.two_hours[0].parts == 12);
        aggregation.finish(got);
        REQUIRE(got.two_hours.size() == 2);
        CHECK_FALSE(got.two_hours[1].flagged);
        CHECK(got.two_hours[1].parts == 1);
        CHECK(got.intervals.back().parts == 499);
    }
}
