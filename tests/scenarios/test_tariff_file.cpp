// Tariff tables in a farm file, and the windows at the moments at which they change.
#include "farms.hpp"

#include "scenarios/play/actions.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::mistakes_of;
using test::with_meter;

namespace {

FarmPlan plan_of(const std::string& text) { return parse_farm(text, "f.toml", test::types()); }

double shown(const Farm& farm, const std::string& point, int circuit = 0) {
    return farm.meters()[0]
        .circuits()[static_cast<std::size_t>(circuit)]
        .get(point, Access::wire)
        .value()
        .number;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("tariff tables are written as people say them, and stand in the registers") {
        const FarmPlan plan = plan_of(with_meter(
            "model = \"kpm37\"\nload = \"x\"\n"
            "tariff.zones = [\"01-01 day 1\", \"04-01 day 2\"]\n"
            "tariff.days = [[\"07:00 flat\", \"23:00 deep valley\"], [\"00:00 sharp\"]]\n"
            "tariff.second.days = [[\"05:30 peak\"]]\ntariff.switch = \"2028-07-01\"\n"));
        const Farm farm{plan, 1};
        CHECK(shown(farm, "tariff_zone_1") == 10101);
        CHECK(shown(farm, "tariff_zone_2") == 20401);
        CHECK(shown(farm, "tariff_zone_3") == 0);
        CHECK(shown(farm, "tariff_day_1_1") == 30700);
        CHECK(shown(farm, "tariff_day_1_2") == 52300);
        CHECK(shown(farm, "tariff_day_1_3") == 0); // of the factory's nothing is left
        CHECK(shown(farm, "tariff_day_2_1") == 10000);
        CHECK(shown(farm, "tariff2_day_1_1") == 20530);
        CHECK(shown(farm, "tariff_switch") == 20280701);
    }

    TEST_CASE("what is not written of the tariffs is the factory's") {
        const Farm farm{plan_of(with_meter("model = \"kpm312\"\nloads = [\"x\"]\n"
                                           "tariff.zones = [\"03-01 day 1\"]\n")),
                        1};
        CHECK(shown(farm, "tariff_zone_1") == 10301);
        CHECK(shown(farm, "tariff_day_1_1") == 30700);
        CHECK(shown(farm, "tariff_day_1_8") == 42300);
    }

    TEST_CASE("mistakes in tariff tables are told where they stand, all at once") {
        const auto told = [](const std::string& lines, const char* model = "kpm312") {
            return mistakes_of(
                with_meter("model = \"" + std::string{model} + "\"\ncount = 1\n" + lines));
        };
        CHECK(
            told("tariff.days = [[\"07:00 flt\", \"25:00 flat\", 7]]\n") ==
            "f.toml:9:17: \"07:00 flt\" is no tariff period; write e.g. \"07:00 flat\"; tariffs: "
            "sharp, peak, flat, valley\n"
            "f.toml:9:30: \"25:00 flat\" is no tariff period; write e.g. \"07:00 flat\"; tariffs: "
            "sharp, peak, flat, valley\n"
            "f.toml:9:44: a period is a text; write e.g. \"07:00 flat\"; tariffs: sharp, peak, "
            "flat, valley");
        CHECK(
            told("tariff.days = [[\"07:00 deep valley\"]]\n") ==
            "f.toml:9:17: a kpm312 has 4 tariffs, and no deep valley; tariffs: sharp, peak, flat, "
            "valley");
        CHECK(told("tariff.days = [[\"07:00 flat\", \"07:00 peak\"]]\n") ==
              "f.toml:9:31: \"07:00 peak\" does not come after the one before; sort the periods by "
              "time, each time once");
        CHECK(told("tariff.days = [[], \"07:00 flat\"]\n") ==
              "f.toml:9:16: a day's table is a list of periods; write [\"07:00 flat\", \"23:00 "
              "valley\"]\n"
              "f.toml:9:20: a day's table is a list of periods; write [\"07:00 flat\", \"23:00 "
              "valley\"]");
        CHECK(
            told("tariff.zones = [\"04-01 day 5\", \"02-30 day 1\", \"04-01\"]\n") ==
            "f.toml:9:17: \"04-01 day 5\" is no zone of a year; write e.g. \"04-01 day 2\": month, "
            "day, and day table 1 to 4\n"
            "f.toml:9:32: \"02-30 day 1\" is no zone of a year; write e.g. \"04-01 day 2\": month, "
            "day, and day table 1 to 4\n"
            "f.toml:9:47: \"04-01\" is no zone of a year; write e.g. \"04-01 day 2\": month, day, "
            "and day table 1 to 4");
        CHECK(told("tariff.days = [[\"07:00 flat\"]]\ntariff.zones = [\"04-01 day 2\"]\n") ==
              "f.toml:10:17: there is no day 2; days holds 1");
        CHECK(told("tariff.zones = [\"04-01 day 2\", \"03-01 day 1\"]\n") ==
              "f.toml:9:32: \"03-01 day 1\" does not come after the one before; sort the zones by "
              "date, each date once");
        CHECK(told("tariff.zones = [\"01-01 day 1\", \"02-01 day 1\", \"03-01 day 1\", \"04-01 day "
                   "1\", \"05-01 day 1\"]\n") ==
              "f.toml:9:16: 5 zones, and a kpm312 has 4; write at most 4");
        CHECK(told("tariff.switch = \"2028-07-01\"\n") ==
              "f.toml:9:17: a kpm312 has one set of tariff tables; leave it out");
        CHECK(told("tariff.switch = \"2027-02-29\"\n", "kpm37") ==
              "f.toml:9:17: \"2027-02-29\" is no date of 2000 to 2099; write e.g. \"2028-07-01\"");
        CHECK(told("tariff.zone = []\n") == "f.toml:9:8: unknown key \"zone\" in tariff; did you "
                                            "mean zones?");
        CHECK(
            told("tariff.zones = []\n", "kpm33b") ==
            "f.toml:9:1: nobody sets the tariffs of a kpm33b; leave tariff out, or copy the model "
            "and change its [tariff]");
    }
}

TEST_SUITE("scenario") {

    TEST_CASE("the window that ends as a zone, or the first set, does is still of that") {
        for (const char* fidelity : {"sample", "window"}) {
            CAPTURE(fidelity);
            // Valley until midnight, sharp from then on; 36 kW are 10 Wh a second.
            for (const char* tables :
                 {"tariff.zones = [\"03-01 day 2\", \"04-01 day 1\"]\n"
                  "tariff.days = [[\"00:00 sharp\"], [\"00:00 valley\"]]\n",
                  "tariff.days = [[\"00:00 valley\"]]\ntariff.second.days = [[\"00:00 sharp\"]]\n"
                  "tariff.switch = \"2028-04-01\"\n"}) {
                Farm farm{plan_of(std::string{"[farm]\nstart = \"2028-03-31T23:59:50\"\nfidelity = "
                                              "\""} +
                                  fidelity +
                                  "\"\n[supply.s]\n[load.x]\np = \"36 kW\"\n[[meter]]\nname = "
                                  "\"m\"\nmodel = \"kpm37\"\nrating = \"100\"\nload = \"x\"\n" +
                                  tables),
                          1};
                const auto wh = [&](SimDuration at, const char* point) {
                    farm.advance(SimTime{at});
                    farm.publish(SimTime{at});
                    return 1000 * shown(farm, point);
                };
                CHECK(wh(10s, "e_p_import_t1") == 0);
                CHECK(wh(10s, "e_p_import_t4") == doctest::Approx(100).epsilon(1e-4));
                CHECK(wh(10s + 200ms, "e_p_import_t1") == doctest::Approx(2).epsilon(1e-4));
                CHECK(wh(20s, "e_p_import_t1") == doctest::Approx(100).epsilon(1e-4));
                CHECK(wh(20s, "e_p_import_t4") == doctest::Approx(100).epsilon(1e-4));
            }
        }
    }

    TEST_CASE("tariffs that are written act from the next window on, and come back with a state") {
        const FarmPlan plan =
            plan_of("[farm]\nstart = \"2026-01-01T12:00:00\"\nfidelity = \"window\"\n[supply.s]\n"
                    "[load.x]\np = \"36 kW\"\n[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\n"
                    "rating = \"100\"\nload = \"x\"\n");
        Farm farm{plan, 1};
        const auto to = [&](Farm& of, SimDuration at) {
            of.advance(SimTime{at});
            of.publish(SimTime{at});
        };
        const auto point = [&](const char* name) {
            return *plan.meters[0].spec.type->points.find(name);
        };
        // Noon is peak from the factory; sharp it is told to be, 100 s later.
        REQUIRE(farm.schedule(0, SimTime{100s}, {{point("tariff_day_1_2"), 0, 11000}}));
        to(farm, 100s);
        CHECK(shown(farm, "e_p_import_t1") == 0);
        CHECK(1000 * shown(farm, "e_p_import_t2") == doctest::Approx(1000).epsilon(1e-4));
        to(farm, 200s);
        CHECK(1000 * shown(farm, "e_p_import_t1") == doctest::Approx(1000).epsilon(1e-4));
        CHECK(1000 * shown(farm, "e_p_import_t2") == doctest::Approx(1000).epsilon(1e-4));
        Farm again{plan, 1};
        again.restore(farm.save());
        CHECK(shown(again, "tariff_day_1_2") == 11000);
        to(farm, 300s);
        to(again, 300s);
        CHECK(test::same_states(farm, again));
        CHECK(1000 * shown(again, "e_p_import_t1") == doctest::Approx(2000).epsilon(1e-4));
    }

    TEST_CASE("demand begins anew on its date, and what it was is frozen") {
        Farm farm{plan_of("[farm]\nstart = \"2028-02-14T23:30:00\"\nfidelity = \"window\"\n"
                          "[supply.s]\n[load.x]\np = \"3 kW\"\n[[meter]]\nname = \"m\"\n"
                          "model = \"kpm37\"\nload = \"x\"\n"
                          "settings = { settlement_day = 15, demand_minutes = 1 }\n"
                          "[[do]]\nkind = \"load-set\"\nload = \"x\"\np = \"1 kW\"\nat = \"20 "
                          "min\"\n"),
                  1};
        const Actions actions{farm};
        const auto at = [&](SimDuration when) {
            farm.advance(SimTime{when});
            farm.publish(SimTime{when});
        };
        at(29min);
        CHECK(shown(farm, "demand_p_max") == doctest::Approx(3000).epsilon(1e-4));
        CHECK(shown(farm, "demand_p_max_frozen") == 0);
        at(32min);
        CHECK(shown(farm, "demand_p_max") == doctest::Approx(1000).epsilon(1e-4));
        CHECK(shown(farm, "demand_p_max_frozen") == doctest::Approx(3000).epsilon(1e-4));
        CHECK(shown(farm, "demand_i_c_max_frozen") == doctest::Approx(3000 / 690.0).epsilon(1e-4));
        CHECK(shown(farm, "e_p_import_frozen") == doctest::Approx(1 + 1 / 6.0).epsilon(1e-4));
    }

    TEST_CASE("a month that ends in an outage is frozen, demand and all, when the supply is back") {
        Farm farm{plan_of("[farm]\nstart = \"2028-03-14T23:00:00\"\nfidelity = \"window\"\n"
                          "[supply.s]\n[load.x]\np = \"3 kW\"\n[[meter]]\nname = \"m\"\n"
                          "model = \"kpm37\"\nload = \"x\"\n"
                          "settings = { settlement_day = 15, demand_minutes = 1 }\n"
                          "[[do]]\nkind = \"power-off\"\nmeter = \"m\"\nat = \"30 min\"\nfor = \"1 "
                          "h\"\n"),
                  1};
        const Actions actions{farm};
        const auto at = [&](SimDuration when) {
            farm.advance(SimTime{when});
            farm.publish(SimTime{when});
        };
        at(80min);
        CHECK(shown(farm, "demand_p_max_frozen") == 0);
        CHECK(shown(farm, "freeze_time") == 0);
        at(90min + 30s);
        CHECK(shown(farm, "demand_p_max_frozen") == doctest::Approx(3000).epsilon(1e-4));
        CHECK(shown(farm, "e_p_import_frozen") == doctest::Approx(1.5).epsilon(1e-4));
        CHECK(shown(farm, "demand_p_max") == 0);
        const double since = shown(farm, "clock") - shown(farm, "freeze_time");
        CHECK(since >= 29);
        CHECK(since <= 31);
    }
}
