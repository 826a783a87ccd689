#include "farms.hpp"
#include "models/faces/registers.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

/// One meter of each model, ideal, on a supply with everything that a grid has.
const char* const four_models = R"(
[supply.main]
u = "231 V"
f = "50.02 Hz"
unbalance.magnitude = ["100 %", "99 %", "101 %"]
harmonics.u = { 3 = "0.6 %", 5 = "2 % @ 180deg", 7 = "1 %" }
[load.office]
p = "9 kW"
pf = "0.96 ind"
harmonics.i = { 3 = "20 %", 5 = "10 %" }
[load.roof]
kind = "pv-inverter"
p = "20 kW"
[load.drive]
kind = "six-pulse-drive"
p = "15 kW"
[[meter]]
name = "four"
model = "kpm312"
options = "1B2B3B4B"
loads = ["office", "none", "roof", "drive"]
address = 9
[[meter]]
name = "star"
model = "kpm37"
load = "office"
ct = "100/5 A"
[[meter]]
name = "delta"
model = "kpm53"
wiring = "2LL2CT"
load = "drive"
ct = "100/5 A"
[[meter]]
name = "direct"
model = "kpm33b"
load = "roof"
)";

FarmPlan plan_of(const std::string& text) { return parse_farm(text, "f.toml", test::types()); }

const MeterState& state(Farm& farm, std::size_t meter, std::size_t circuit = 0) {
    return farm.meters()[meter].circuits()[circuit].state();
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("threads and the cutting of time into steps do not change a bit") {
        FarmPlan plan = load_farm(test::source("examples/quickstart.toml"), test::types());
        for (MeterPlan& meter : plan.meters)
            meter.u_errors.noise_rms = meter.i_errors.noise_rms = 1e-5;
        Farm one{plan, 1};
        Farm two{plan, 2};
        Farm seven{plan, 7};
        one.advance(SimTime{20s});
        for (SimTime to{}; to < SimTime{20s};) {
            to = std::min(to + 170ms, SimTime{20s});
            two.advance(to);
        }
        for (SimTime to{}; to < SimTime{20s};) {
            to += 1s;
            seven.advance(to);
            seven.publish(to);
        }
        for (Farm* farm : {&one, &two, &seven})
            farm->publish(SimTime{20s});
        CHECK(test::same_states(one, two));
        CHECK(test::same_states(one, seven));
        plan.seed += 1;
        Farm other{plan, 1};
        other.advance(SimTime{20s});
        other.publish(SimTime{20s});
        CHECK_FALSE(test::same_states(one, other));
    }

    TEST_CASE("a meter's numbers do not hang on who else is in the farm") {
        const std::string supply = "[supply.main]\n[load.x]\np = \"5 kW\"\nvary = \"30 %\"\n";
        const std::string meter = "[[meter]]\nname = \"me\"\nmodel = \"kpm33b\"\nload = \"x\"\n"
                                  "adc.noise = \"0.001 %\"\n";
        Farm alone{plan_of(supply + meter), 1};
        Farm crowd{plan_of(supply +
                           "[[meter]]\nname = \"other-{n}\"\nmodel = \"kpm33b\"\nload = \"x\"\n"
                           "count = 5\n" +
                           meter),
                   1};
        for (Farm* farm : {&alone, &crowd}) {
            farm->advance(SimTime{3s});
            farm->publish(SimTime{3s});
        }
        CHECK(state(alone, 0).readings.value == state(crowd, 5).readings.value);
        double least = 1e9;
        double most = 0;
        for (std::size_t m = 0; m < 5; ++m) {
            least = std::min(least, state(crowd, m).readings[Slot::p]);
            most = std::max(most, state(crowd, m).readings[Slot::p]);
        }
        CHECK(least > 5000 * 0.7);
        CHECK(most < 5000 * 1.3);
        CHECK(most - least > 100);
    }

    TEST_CASE("a KPM312 measures four circuits on one voltage, each with an address and a serial") {
        Farm farm{plan_of(four_models), 1};
        farm.advance(SimTime{2s});
        farm.publish(SimTime{2s});
        auto& circuits = farm.meters()[0].circuits();
        REQUIRE(circuits.size() == 4);
        for (std::size_t circuit = 0; circuit < 4; ++circuit) {
            CHECK(circuits[circuit].address() == 9 + static_cast<int>(circuit));
            CHECK(circuits[circuit].serial() == "3121026" + std::string{"1C000"} + "1234"[circuit]);
            CHECK(state(farm, 0, circuit).readings[Slot::u_b] ==
                  doctest::Approx(231 * 0.99 * std::sqrt(1 + 0.006 * 0.006 + 0.0004 + 0.0001))
                      .epsilon(1e-5));
        }
        CHECK(state(farm, 0, 0).readings[Slot::p] == doctest::Approx(9000).epsilon(0.02));
        CHECK(state(farm, 0, 1).readings[Slot::i_a] == 0.0);
        CHECK(state(farm, 0, 1).energy[Energy::p_import] == EnergyCount{});
        CHECK(state(farm, 0, 2).readings[Slot::p] == doctest::Approx(-20000).epsilon(0.02));
        CHECK(state(farm, 0, 3).readings[Slot::thd_i_a] > 20);
    }

    TEST_CASE("what an inverter feeds in is booked as export, and nothing as import") {
        Farm farm{plan_of(four_models), 1};
        farm.advance(SimTime{60s});
        farm.publish(SimTime{60s});
        const EnergyRegisters& e = state(farm, 3).energy;
        CHECK(e[Energy::p_import] == EnergyCount{});
        CHECK(e.kilo(Energy::p_export) == doctest::Approx(20.0 / 60).epsilon(0.01));
        CHECK(e[Energy::p_export_t4] == e[Energy::p_export]); // it is night: the valley tariff
    }

    TEST_CASE("after ten minutes every register is within 1e-6 of the truth's integral") {
        Farm farm{plan_of(four_models), 1};
        farm.advance(SimTime{10min});
        farm.publish(SimTime{10min});
        int compared = 0;
        for (std::size_t m = 0; m < farm.meters().size(); ++m) {
            for (const Circuit& circuit : farm.meters()[m].circuits()) {
                const MeterState truth = farm.truth(m, circuit.index());
                const double s = truth.energy.kilo(Energy::s);
                for (std::size_t i = 0; i < energy_slots; ++i) {
                    const auto e = static_cast<Energy>(i);
                    const double read = circuit.state().energy.kilo(e);
                    const double want = truth.energy.kilo(e);
                    // What is no energy at all is measured against the apparent one.
                    CHECK_MESSAGE(std::abs(read - want) <= 1e-6 * std::max(want, 0.1 * s),
                                  info(quantity(e)).name, " of meter ", m, " circuit ",
                                  circuit.index(), ": ", read, " against ", want);
                    compared += want > 0.1 * s ? 1 : 0;
                }
            }
        }
        CHECK(compared >= 39);
    }

    TEST_CASE("a farm shows right readings from its first moment, and has counted nothing yet") {
        Farm farm{plan_of(four_models), 1};
        CHECK(farm.now() == SimTime{});
        for (std::size_t m = 0; m < farm.meters().size(); ++m) {
            const MeterState& shown = state(farm, m);
            const MeterState truth = farm.truth(m, 0);
            CHECK(shown.readings[Slot::f] == doctest::Approx(50.02).epsilon(1e-6));
            CHECK(shown.readings[Slot::u_ab] ==
                  doctest::Approx(truth.readings[Slot::u_ab]).epsilon(1e-5));
            CHECK(shown.readings[Slot::p] ==
                  doctest::Approx(truth.readings[Slot::p]).epsilon(1e-5));
            CHECK(shown.energy.count == EnergyRegisters{}.count);
        }
    }

    TEST_CASE("settings and commands reach the metering with the next window, and not before") {
        Farm farm{plan_of(four_models), 1};
        farm.advance(SimTime{2s});
        farm.publish(SimTime{2s});
        const double before = state(farm, 1).readings[Slot::i_a];
        REQUIRE(before > 0);
        CHECK(farm.meters()[1].circuits()[0].set("ct", 10.0, Access::wire));
        const std::uint16_t clear = 0x5578;
        REQUIRE(write_registers(farm.meters()[3].circuits()[0], 0x000C, {&clear, 1}));
        farm.publish(SimTime{2s});
        CHECK(state(farm, 1).readings[Slot::i_a] == before);
        CHECK(state(farm, 3).energy.count == EnergyRegisters{}.count);
        farm.advance(SimTime{4s});
        farm.publish(SimTime{4s});
        CHECK(state(farm, 1).readings[Slot::i_a] == doctest::Approx(before / 2).epsilon(1e-6));
        CHECK(state(farm, 3).energy[Energy::p_export].kwh() ==
              doctest::Approx(40.0 / 3600).epsilon(0.15));
    }

    TEST_CASE("a meter that was told a wrong ratio reads wrong by just that") {
        Farm farm{plan_of("[supply.s]\n[load.x]\np = \"60 kW\"\n"
                          "[[meter]]\nname = \"right\"\nmodel = \"kpm53\"\nload = \"x\"\n"
                          "ct = \"400/5 A\"\n"
                          "[[meter]]\nname = \"wrong\"\nmodel = \"kpm53\"\nload = \"x\"\n"
                          "ct = \"400/5 A\"\nsettings.ct = 60\n"),
                  1};
        farm.advance(SimTime{1s});
        farm.publish(SimTime{1s});
        CHECK(state(farm, 0).readings[Slot::p] == doctest::Approx(60000).epsilon(1e-5));
        CHECK(state(farm, 1).readings[Slot::p] == doctest::Approx(45000).epsilon(1e-5));
        CHECK(farm.truth(1, 0).readings[Slot::p] == doctest::Approx(60000).epsilon(1e-9));
    }

    TEST_CASE("the window that ends as a tariff period does is that period's") {
        for (const char* fidelity : {"sample", "window"}) {
            // A KPM33B's sharp hour begins at 18:00 and ends at 19:00.
            const FarmPlan plan = parse_farm(
                std::string{"[farm]\nstart = \"2026-01-01T17:59:50\"\nfidelity = \""} + fidelity +
                    "\"\n[supply.s]\n[load.x]\np = \"36 kW\"\n[[meter]]\nname = \"m\"\nmodel = "
                    "\"kpm33b\"\nload = \"x\"\n",
                "f.toml", test::types());
            Farm farm{plan, 1};
            const auto sharp_wh = [&](SimDuration at) {
                farm.advance(SimTime{at});
                farm.publish(SimTime{at});
                return 1000 * farm.meters()[0].image().metered[0].energy[Energy::p_import_t1].kwh();
            };
            CHECK(sharp_wh(10s) == 0);
            CHECK(sharp_wh(11s) == doctest::Approx(10).epsilon(1e-4));
            CHECK(sharp_wh(10s + 1h) == doctest::Approx(36000).epsilon(1e-4));
            CHECK(sharp_wh(20s + 1h) == doctest::Approx(36000).epsilon(1e-4));
        }
    }

    TEST_CASE("tariffs follow the meter's own clock") {
        Farm farm{plan_of("farm.start = \"2026-01-01T06:59:30\"\n[supply.s]\n"
                          "[load.x]\np = \"6 kW\"\n"
                          "[[meter]]\nname = \"right\"\nmodel = \"kpm33b\"\nload = \"x\"\n"
                          "[[meter]]\nname = \"early\"\nmodel = \"kpm33b\"\nload = \"x\"\n"
                          "clock_offset = \"1 min\"\n"),
                  1};
        farm.advance(SimTime{20s});
        farm.publish(SimTime{20s});
        CHECK(iso_text(farm.meters()[1].rtc()) == "2026-01-01T07:00:50");
        CHECK(state(farm, 0).energy[Energy::p_import_t4] ==
              state(farm, 0).energy[Energy::p_import]); // before 7:00, valley
        CHECK(state(farm, 1).energy[Energy::p_import_t3] ==
              state(farm, 1).energy[Energy::p_import]); // after 7:00, flat
        CHECK(state(farm, 1).energy[Energy::p_import].wh > 0);
    }

    TEST_CASE("a profile by the clock is read at the time of day, and its night comes round") {
        FarmPlan plan = load_farm(test::source("examples/quickstart.toml"), test::types());
        std::erase_if(plan.meters, [](const MeterPlan& m) { return m.spec.name != "canteen"; });
        const auto p_at = [&](const char* time) {
            REQUIRE(parse_iso(time, plan.start));
            Farm farm{plan, 1};
            farm.advance(SimTime{1s});
            farm.publish(SimTime{1s});
            return state(farm, 0).readings[Slot::p];
        };
        CHECK(p_at("2026-01-12T13:00:00") == doctest::Approx(27900).epsilon(0.002));
        CHECK(p_at("2026-01-12T23:00:00") == doctest::Approx(1350).epsilon(0.002));
        CHECK(p_at("2026-01-12T12:15:00") ==
              doctest::Approx((26400.0 + 27900.0) / 2).epsilon(0.002));
    }
}
