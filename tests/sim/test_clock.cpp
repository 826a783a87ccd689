#include "sim/clock.hpp"
#include "sim/meter_clock.hpp"
#include "sim/pacing.hpp"
#include "sim/tariff.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

CivilTime at(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
    CivilTime t;
    REQUIRE(from_fields({year, month, day, hour, minute, second}, t));
    return t;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE(
        "a meter's clock has two digits of the year: after 2099 comes 2000, and before it 2099") {
        const MeterClock clock;
        CHECK(clock.shown(at(2000, 1, 1)) == at(2000, 1, 1));
        CHECK(clock.shown(at(2099, 12, 31, 23, 59, 59)) == at(2099, 12, 31, 23, 59, 59));
        CHECK(clock.shown(at(2100, 1, 1)) == at(2000, 1, 1));
        // 2100 has no leap day, and a year 00 of two digits has one.
        CHECK(clock.shown(at(2199, 12, 31, 23, 59, 59)) == at(2099, 12, 30, 23, 59, 59));
        CHECK(clock.shown(at(1999, 12, 31, 23, 59, 59)) == at(2099, 12, 31, 23, 59, 59));
        CHECK(clock.counted(at(2100, 1, 1)) == at(2100, 1, 1));
        const MeterClock ahead{60, 0, {}};
        CHECK(ahead.shown(at(2099, 12, 31, 23, 59, 30)) == at(2000, 1, 1, 0, 0, 30));
    }

    TEST_CASE("the calendar carries over minutes, days, months, leap days and centuries") {
        struct Row {
            CivilTime from;
            std::int64_t seconds;
            const char* to;
        };
        const Row rows[] = {
            {at(2026, 1, 1), 0, "2026-01-01T00:00:00"},
            {at(2026, 1, 1), 59, "2026-01-01T00:00:59"},
            {at(2026, 1, 1), 60, "2026-01-01T00:01:00"},
            {at(2026, 1, 1, 23, 59, 59), 1, "2026-01-02T00:00:00"},
            {at(2026, 1, 31, 23, 59, 59), 1, "2026-02-01T00:00:00"},
            {at(2026, 2, 28, 23, 59, 59), 1, "2026-03-01T00:00:00"},
            {at(2024, 2, 28, 23, 59, 59), 1, "2024-02-29T00:00:00"},
            {at(2024, 2, 29, 23, 59, 59), 1, "2024-03-01T00:00:00"},
            {at(2000, 2, 28, 12), 86400, "2000-02-29T12:00:00"},
            {at(2100, 2, 28, 12), 86400, "2100-03-01T12:00:00"},
            {at(2026, 12, 31, 23, 59, 59), 1, "2027-01-01T00:00:00"},
            {at(1999, 12, 31, 23, 59, 59), 1, "2000-01-01T00:00:00"},
            {at(1970, 1, 1), 2147483647, "2038-01-19T03:14:07"},
            {at(1970, 1, 1), 2147483648, "2038-01-19T03:14:08"},
            {at(1970, 1, 1), -1, "1969-12-31T23:59:59"},
            {at(2026, 3, 29, 1, 59, 59), 1, "2026-03-29T02:00:00"}, // no zone, so no summer time
            {at(2020, 1, 1), 366 * 86400, "2021-01-01T00:00:00"},
            {at(2021, 1, 1), 365 * 86400, "2022-01-01T00:00:00"},
        };
        for (const Row& row : rows)
            CHECK(iso_text(civil_time(row.from, SimTime{std::chrono::seconds{row.seconds}})) ==
                  row.to);
    }

    TEST_CASE("civil time is rounded down to the second, before the start too") {
        const CivilTime start = at(2026, 1, 12, 16, 39);
        CHECK(iso_text(civil_time(start, SimTime{999'999'999ns})) == "2026-01-12T16:39:00");
        CHECK(iso_text(civil_time(start, SimTime{1s})) == "2026-01-12T16:39:01");
        CHECK(iso_text(civil_time(start, SimTime{-1ns})) == "2026-01-12T16:38:59");
        CHECK(compact_text(start) == "20260112163900");
    }

    TEST_CASE("every day of 400 years survives the way through its fields and its text") {
        CivilTime t = at(1900, 1, 1, 7, 8, 9);
        CivilFields before{};
        for (int day = 0; day < 146097; ++day, t += 24h) {
            const CivilFields f = fields_of(t);
            CivilTime again;
            REQUIRE(from_fields(f, again));
            REQUIRE(again == t);
            REQUIRE(parse_iso(iso_text(t), again));
            REQUIRE(again == t);
            if (day >
                0) // one day on: the day counts up, or a month or a year does and the day is 1
                REQUIRE((f.day == before.day + 1 || (f.day == 1 && before.day >= 28)));
            before = f;
        }
        CHECK(iso_text(t) == "2300-01-01T07:08:09");
    }

    TEST_CASE("texts and fields that are no moment are refused") {
        CivilTime out = at(2026, 5, 5);
        const CivilTime kept = out;
        for (const char* wrong : {"",
                                  "2026-01-12",
                                  "2026-01-12T16:39",
                                  "2026-01-12T16:39:00Z",
                                  "2026-1-12T16:39:000",
                                  "2026-02-29T00:00:00",
                                  "2100-02-29T00:00:00",
                                  "2026-04-31T00:00:00",
                                  "2026-13-01T00:00:00",
                                  "2026-00-01T00:00:00",
                                  "2026-01-00T00:00:00",
                                  "2026-01-32T00:00:00",
                                  "2026-01-12T24:00:00",
                                  "2026-01-12T16:60:00",
                                  "2026-01-12T16:39:60",
                                  "2026/01/12T16:39:00",
                                  "2026-01-12t16:39:00",
                                  "2026-01-12T16.39.00",
                                  "20x6-01-12T16:39:00",
                                  "-026-01-12T16:39:00",
                                  "2026-01-12T-1:39:00",
                                  " 2026-01-12T16:39:0"})
            CHECK_MESSAGE(!parse_iso(wrong, out), wrong);
        CHECK(!from_fields({2026, 2, 29, 0, 0, 0}, out));
        CHECK(!from_fields({2026, 1, 1, -1, 0, 0}, out));
        CHECK(!from_fields({2026, 1, 1, 0, 0, 60}, out));
        CHECK(out == kept);
        CHECK(parse_iso("2026-01-12 16:39:00", out));
        CHECK(iso_text(out) == "2026-01-12T16:39:00");
    }

    TEST_CASE("a turn wraps without a rest") {
        constexpr Turn half{std::uint64_t{1} << 63};
        static_assert(half + half == Turn{});
        static_assert(half.turns() == 0.5 && half.signed_turns() == -0.5);
        static_assert((Turn{} - Turn{std::uint64_t{1} << 62}).signed_turns() == -0.25);
    }

    TEST_CASE("a tariff rules from its minute on, and the last of the day rules until the first") {
        const TariffTable table{{{7 * 60, 1}, {8 * 60 + 30, 2}, {23 * 60 + 59, 4}}};
        struct Row {
            int hour, minute, second, tariff;
        };
        for (const Row& row : {Row{0, 0, 0, 4}, Row{6, 59, 59, 4}, Row{7, 0, 0, 1},
                               Row{8, 29, 59, 1}, Row{8, 30, 0, 2}, Row{12, 0, 0, 2},
                               Row{23, 58, 59, 2}, Row{23, 59, 0, 4}, Row{23, 59, 59, 4}})
            CHECK(table.at(at(2026, 6, 1, row.hour, row.minute, row.second)) == row.tariff);
        CHECK(TariffTable{}.at(at(2026, 6, 1, 12)) == 0);
        CHECK(TariffTable{{{0, 5}}}.at(at(2026, 6, 1)) == 5);
    }

    TEST_CASE("a zone rules from its date on, and the last of the year rules until the first") {
        const TariffYear year{{{401, 1}, {1001, 0}, {1231, 2}},
                              {{{{0, 0}}}, {{{0, 1}}}, {{{0, 2}}}}};
        struct Row {
            int month, day, tariff;
        };
        for (const Row row : {Row{1, 1, 2}, Row{3, 31, 2}, Row{4, 1, 1}, Row{9, 30, 1},
                              Row{10, 1, 0}, Row{12, 30, 0}, Row{12, 31, 2}}) {
            CAPTURE(row.month);
            CAPTURE(row.day);
            CHECK(year.at(at(2027, row.month, row.day)) == row.tariff);
            CHECK(year.at(at(2028, row.month, row.day, 23, 59, 59)) == row.tariff);
        }
        // A zone of the leap day begins on 1 March where there is none.
        const TariffYear leap{{{101, 0}, {229, 1}}, {{{{0, 0}}}, {{{0, 1}}}}};
        CHECK(leap.at(at(2028, 2, 28, 23, 59, 59)) == 0);
        CHECK(leap.at(at(2028, 2, 29)) == 1);
        CHECK(leap.at(at(2027, 2, 28, 23, 59, 59)) == 0);
        CHECK(leap.at(at(2027, 3, 1)) == 1);
        CHECK(TariffYear{{}, {{{{0, 4}}}, {{{0, 1}}}}}.at(at(2027, 5, 5)) == 4);
        CHECK(TariffYear{}.at(at(2027, 5, 5)) == 0);
    }

    TEST_CASE("the second set counts from 0:00 of its date on") {
        TariffCalendar calendar;
        calendar.years[0].days = {{{{0, 1}}}};
        calendar.years[1].days = {{{{0, 3}}}};
        CHECK(calendar.at(at(2099, 1, 1)) == 1);
        calendar.second_from = at(2028, 7, 1);
        CHECK(calendar.at(at(2028, 6, 30, 23, 59, 59)) == 1);
        CHECK(calendar.at(at(2028, 7, 1)) == 3);
    }

    TEST_CASE("whatever is due at a wall time has just been reached then") {
        const Pace realtime{Pace::Mode::realtime, 1};
        CHECK(realtime.target(5s) == SimTime{5s});
        CHECK(realtime.due(SimTime{5s}) == 5s);
        const Pace free{Pace::Mode::free, 1};
        CHECK(free.target(0s) == SimTime::max());
        CHECK(free.due(SimTime{5s}) == 0s);
        for (const Pace& standing : {Pace{Pace::Mode::stepped, 1}, Pace{Pace::Mode::paused, 1}}) {
            CHECK(standing.stands());
            CHECK(standing.target(1h) == SimTime{});
            CHECK(standing.due(SimTime{1ns}) == Pace::Wall::max());
        }
        CHECK_FALSE(free.stands());
        CHECK(Pace{Pace::Mode::scaled, 60}.target(1min) == SimTime{1h});
        CHECK(Pace{Pace::Mode::scaled, 60}.due(SimTime{1h}) == 1min);
        for (const double factor : {0.1, 0.3, 1.0, 2.5, 3.0, 60.0, 1e4}) {
            const Pace pace{Pace::Mode::scaled, factor};
            for (const std::int64_t ns : {0L, 1L, 7L, 199'999'999L, 200'000'000L,
                                          3'600'000'000'001L, 86'400'000'000'000'000L}) {
                const SimTime t{SimDuration{ns}};
                CHECK(pace.target(pace.due(t)) >= t);
                CHECK(pace.target(pace.due(t) - 1ns) < t);
            }
        }
    }

} // TEST_SUITE
