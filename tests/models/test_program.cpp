#include "program_rig.hpp"

#include <algorithm>

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

    TEST_CASE(
        "After 2099 comes 2000: what is due at midnight is done once, by every face the same") {
        MeterSpec spec;
        spec.settings = {{"second_interval_s", {}, 3600}, {"minute_interval_min", {}, 60}};
        ProgramRig rig{"kpm37", spec, civil("2099-12-31T23:58:00")};
        rig.states[0].energy[Energy::p_import] = test::wh(3000);
        rig.run_to(civil("2100-01-01T00:06:00"));
        std::vector<std::string> sent;
        for (const ProgramRig::Sent& each : rig.sent) {
            const std::string stamp = iso_text(each.stamp);
            if (each.topic != "MQTT_RT_DATA")
                sent.push_back(each.topic + ' ' + stamp);
            CHECK(each.packets.back().find("\"time\":\"" + compact_text(each.stamp) + '"') !=
                  std::string::npos);
            CHECK(stamp.starts_with(each.at < SimTime{2min} ? "2099-12-31" : "2000-01-01"));
        }
        CHECK(sent == std::vector<std::string>{"MQTT_ENY_FRZ 2000-01-01T00:00:00",
                                               "MQTT_ENY_NOW 2000-01-01T00:00:00",
                                               "MQTT_DAY_DATA 2000-01-01T00:00:00"});
        CHECK(rig.number("clock", civil("2099-12-31T23:59:59")) ==
              static_cast<double>(civil("2099-12-31T23:59:59").time_since_epoch().count()));
        CHECK(rig.number("clock", civil("2100-01-01T00:06:00")) ==
              static_cast<double>(civil("2000-01-01T00:06:00").time_since_epoch().count()));
        CHECK(rig.number("e_p_import_month_1", civil("2100-01-01T00:06:00")) == 3);
        // The next month closes as any other.
        rig.sent.clear();
        rig.run_to(civil("2100-02-01T00:00:00"));
        CHECK(std::count_if(rig.sent.begin(), rig.sent.end(), [](const ProgramRig::Sent& each) {
                  return each.topic == "MQTT_ENY_FRZ" &&
                         iso_text(each.stamp) == "2000-02-01T00:00:00";
              }) == 1);
    }

    TEST_CASE(
        "A clock that had no supply when its century ended, or was put over it, goes on in 2000") {
        for (const bool jump : {false, true}) {
            CAPTURE(jump);
            ProgramRig rig{"kpm37", {}, civil("2099-12-31T23:58:00")};
            const auto carry_out = [&](const char* site, InterventionKind kind, double value) {
                const SimTime at{civil(site) - rig.start};
                Command command{at, {}};
                command.also.emplace_back();
                command.also.back().kind = kind;
                command.also.back().value = value;
                command.also.back().action = 1;
                rig.program.carry_out(command, at, rig);
            };
            if (jump) {
                carry_out("2099-12-31T23:59:00", InterventionKind::clock_jump, 360);
            } else {
                carry_out("2099-12-31T23:59:00", InterventionKind::cut_power, 0);
                carry_out("2100-01-01T00:05:00", InterventionKind::end, 0);
            }
            const char* const then = jump ? "2099-12-31T23:59:30" : "2100-01-01T00:05:30";
            rig.run_to(civil(then));
            CHECK(rig.program.rtc(SimTime{civil(then) - rig.start}) ==
                  civil("2000-01-01T00:05:30"));
            CHECK(std::count_if(rig.sent.begin(), rig.sent.end(), [](const ProgramRig::Sent& each) {
                      return each.topic == "MQTT_ENY_FRZ";
                  }) == 1);
            CHECK(rig.program.state().settlement == civil("2000-02-01T00:00:00"));
        }
    }
}
