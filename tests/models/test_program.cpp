#include "program_rig.hpp"

using namespace kpmsim;
using namespace std::chrono_literals;
using test::civil;
using test::ProgramRig;

TEST_SUITE("unit") {

    TEST_CASE("A moment that a clock shows is found to the second, however wrong the clock is") {
        const CivilTime start = civil("2026-01-01T00:00:00");
        for (const double error : {0.0, 1e-6, -1e-6, 0.01, -0.01})
            for (const std::int64_t offset : {0, 3600, -86400 * 400}) {
                const MeterClock clock{offset, error, start};
                for (std::int64_t s = 1; s < 40'000'000; s = s * 7 + 3) {
                    const CivilTime rtc = clock.shown(start) + std::chrono::seconds{s};
                    const SimTime at = when_shown(clock, start, rtc);
                    CHECK(clock.shown(civil_time(start, at)) >= rtc);
                    CHECK(clock.shown(civil_time(start, at - 1s)) < rtc);
                }
            }
        CHECK(when_shown({}, start, CivilTime::max()) == SimTime::max());
    }

    TEST_CASE("A month is closed at its settlement moment, with the registers of that moment") {
        ProgramRig rig{"kpm33b", {}, civil("2026-01-31T23:50:00")};
        rig.states[0].energy[Energy::p_import] = test::wh(3000);
        rig.run_to(civil("2026-01-31T23:59:59"));
        CHECK(rig.number("e_p_total_month_0", civil("2026-01-31T23:59:59")) == 3);
        CHECK(rig.number("e_p_total_month_1", civil("2026-01-31T23:59:59")) == 0);
        rig.run_to(civil("2026-02-01T00:00:00"));
        rig.states[0].energy[Energy::p_import] = test::wh(3500);
        CHECK(rig.number("e_p_total_month_0", civil("2026-02-01T00:00:01")) == 0.5);
        CHECK(rig.number("e_p_total_month_1", civil("2026-02-01T00:00:01")) == 3);
    }

    TEST_CASE(
        "Another settlement day moves the next moment; a clock set over it closes one month") {
        ProgramRig rig{"kpm33b", {}, civil("2026-01-10T12:00:00")};
        rig.states[0].energy[Energy::p_import] = test::wh(1000);
        rig.tell(civil("2026-01-10T13:00:00"), "settlement_day", 12);
        rig.run_to(civil("2026-01-12T00:00:00"));
        CHECK(rig.number("e_p_total_month_1", civil("2026-01-12T00:00:01")) == 1);
        rig.states[0].energy[Energy::p_import] = test::wh(4000);
        const CivilTime june = civil("2026-06-20T08:00:00");
        CHECK(rig.tell(civil("2026-01-13T00:00:00"), "clock",
                       static_cast<double>(june.time_since_epoch().count()))
                  .clock);
        CHECK(rig.program.rtc(SimTime{civil("2026-01-13T00:00:00") - rig.start}) == june);
        CHECK(rig.number("e_p_total_month_1", civil("2026-01-13T00:00:01")) == 3);
        CHECK(rig.number("e_p_total_month_2", civil("2026-01-13T00:00:01")) == 1);
        // The next one is 12 July by its clock: 21 days and 16 hours on.
        rig.run_to(civil("2026-02-03T15:59:59"));
        CHECK(rig.number("e_p_total_month_0", civil("2026-02-03T15:59:59")) == 0);
        rig.states[0].energy[Energy::p_import] = test::wh(9000);
        rig.run_to(civil("2026-02-03T16:00:00"));
        CHECK(rig.number("e_p_total_month_1", civil("2026-02-03T16:00:00")) == 5);
    }

    TEST_CASE("An interval that is written moves the grid from that moment on") {
        MeterSpec spec;
        spec.settings = {{"second_interval_s", {}, 30}, {"minute_interval_min", {}, 60}};
        ProgramRig rig{"kpm33b", spec, civil("2026-01-10T12:00:01")};
        rig.tell(civil("2026-01-10T12:00:45"), "second_interval_s", 300);
        rig.run_to(civil("2026-01-10T12:10:00"));
        std::vector<std::string> stamps;
        for (const ProgramRig::Sent& each : rig.sent)
            stamps.push_back(iso_text(each.stamp).substr(14));
        CHECK(stamps == std::vector<std::string>{"00:30", "05:00", "10:00"});
    }
}
