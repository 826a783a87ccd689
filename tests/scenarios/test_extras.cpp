// Pulse outputs, extremes, residual current and thermistors of the meters whose type asks for them.
#include "one_phase.hpp"

#include "sim/ntc.hpp"
#include "sim/resolution.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

const std::string all_extras = "extremes = true\npulse_outputs = true\nresidual_current = true";

class Shop {
public:
    Shop() : types_{single_types(folder_, all_extras)} {
        std::ofstream{folder_ / "steps.csv"}
            << "time,p_a,p_b,p_c\n0,900,0,0\n41,3000,0,0\n100,50,0,0\n";
    }
    FarmPlan plan(Fidelity fidelity, const std::string& keys = "") const {
        FarmPlan plan = parse_farm(R"(
[supply.main]
f = "50.02 Hz"
[[supply.main.disturbance]]
kind = "dip"
at = "70 s"
for = "1 s"
residual = "80 %"
[load.x]
profile = "steps.csv"
profile_shape = "steps"
profile_end = "hold"
[[meter]]
name = "m"
model = "single"
load = "x"
leakage = "30 mA"
)" + keys,
                                   folder_ / "f.toml", types_);
        plan.fidelity = fidelity;
        return plan;
    }

private:
    Folder folder_;
    TypeLibrary types_;
};

void go(Farm& farm, SimDuration to) {
    farm.advance(SimTime{to});
    farm.publish(SimTime{to});
}

double shown(Farm& farm, const std::string& point) {
    const auto value = farm.meters()[0].circuits()[0].get(point, Access::wire);
    REQUIRE_MESSAGE(value, point);
    return value->number;
}

/// All points that are numbers.
std::vector<double> all_points(Farm& farm) {
    std::vector<double> out;
    for (const Point& point : farm.meters()[0].type().points.all())
        if (!point.text && may_read(point.rights))
            out.push_back(shown(farm, point.name));
    return out;
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("pulses are what the energy registers have gained, times the constant") {
        const Shop shop;
        std::vector<double> counts;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            const std::string keys = "start_energy = { e_p_import = \"1234.5 kWh\" }\n";
            Farm farm{shop.plan(fidelity, keys), 1};
            CHECK(shown(farm, "pulses_p") == 0);
            for (const SimDuration to :
                 {SimDuration{3s + 200ms}, SimDuration{44s + 100ms}, SimDuration{3min}}) {
                go(farm, to);
                const EnergyCount& e =
                    farm.meters()[0].circuits()[0].state().energy[Energy::p_import];
                const double gained_kwh = (static_cast<double>(e.wh) - 1'234'500) * 1e-3 +
                                          static_cast<double>(e.uj) / 3.6e12;
                CHECK(shown(farm, "pulses_p") == std::floor(gained_kwh * 3200));
            }
            counts.push_back(shown(farm, "pulses_p"));
            CHECK(shown(farm, "pulses_q") == 0);
            REQUIRE(farm.meters()[0].circuits()[0].set("clear_energy", 1, Access::keys));
            CHECK(shown(farm, "pulses_p") == counts.back()); // counted on, not back
            go(farm, 183s);
            CHECK(shown(farm, "pulses_p") == counts.back());
        }
        CHECK(counts[0] > 170); // 900 W for 41 s, 3 kW for 59 s, 50 W for 80 s: 60.5 Wh
        CHECK(counts[0] < 195);
        CHECK(counts[0] == counts[1]);
    }

    TEST_CASE("extremes are the greatest and least of what was read, and when") {
        const Shop shop;
        const FarmPlan plan = shop.plan(Fidelity::sample);
        Farm farm{plan, 1};
        CHECK(std::isnan(shown(farm, "i_a_max")));
        double most_a = 0, least_v = 1e9;
        for (SimDuration t = 200ms; t <= 2min; t += 200ms) {
            go(farm, t);
            if (farm.meters()[0].circuits()[0].state().window == 0)
                continue;
            most_a = std::max(most_a, shown(farm, "i_a"));
            least_v = std::min(least_v, shown(farm, "u_a"));
        }
        CHECK(most_a > 13);
        CHECK(shown(farm, "i_a_max") == doctest::Approx(most_a).epsilon(1e-6));
        CHECK(shown(farm, "u_a_min") == doctest::Approx(least_v).epsilon(1e-6));
        const double start = static_cast<double>(plan.start.time_since_epoch().count());
        CHECK(shown(farm, "u_a_min_time") - start >= 70);
        CHECK(shown(farm, "u_a_min_time") - start <= 71);
        // In window fidelity the same values: what changes is sampled.
        Farm jumping{shop.plan(Fidelity::window), 1};
        go(jumping, 2min);
        for (const char* point : {"i_a_max", "i_a_min", "u_a_min", "u_a_max", "p_max"})
            CHECK(shown(jumping, point) == doctest::Approx(shown(farm, point)).epsilon(1e-6));
        REQUIRE(farm.meters()[0].circuits()[0].set("clear_extremes", 1, Access::keys));
        CHECK(shown(farm, "i_a_max") == shown(farm, "i_a")); // at once
        go(farm, 2min + 1s);
        CHECK(shown(farm, "i_a_max") == doctest::Approx(50 / 230.0).epsilon(1e-4));
    }

    TEST_CASE(
        "what a window that is not sampled reads is beyond the extremes by a step at the most") {
        const Shop shop;
        Farm farm{shop.plan(Fidelity::window), 1};
        for (SimDuration t = 200ms; t <= 3min; t += 200ms) {
            go(farm, t);
            for (const Slot slot :
                 {Slot::pf, Slot::f, Slot::angle_i_a, Slot::thd_u_a, Slot::i_residual}) {
                const std::string& name = info(quantity(slot)).name;
                const double value = shown(farm, name);
                const double step = Resolution{}.of(slot);
                CAPTURE(name);
                CAPTURE(value);
                CHECK(!(value > shown(farm, name + "_max") + step));
                CHECK(!(value < shown(farm, name + "_min") - step));
            }
        }
    }

    TEST_CASE("a residual current input reads what leaks to earth, through a dip too") {
        const Shop shop;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            Farm farm{shop.plan(fidelity), 1};
            go(farm, 10s);
            CHECK(shown(farm, "i_residual") == doctest::Approx(0.030).epsilon(1e-5));
            CHECK(farm.truth(0, 0).readings[Slot::i_residual] ==
                  doctest::Approx(0.030).epsilon(1e-12));
            go(farm, 70s + 700ms);
            CHECK(shown(farm, "i_residual") == doctest::Approx(0.024).epsilon(1e-5));
        }
        CHECK(mistakes_of(with_meter("model = \"kpm53\"\nleakage = \"1 mA\"\n"))
                  .find("a kpm53 measures no residual current") != std::string::npos);
    }

    TEST_CASE("extras are the same however time is cut, and when they are saved and restored") {
        const Shop shop;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            const FarmPlan plan = shop.plan(fidelity, "accuracy = \"class\"\n");
            Farm once{plan, 1};
            go(once, 3min);
            Farm cut{plan, 2};
            for (SimDuration t = 1700ms; t < 3min; t += 1700ms)
                go(cut, t);
            go(cut, 3min);
            Farm half{plan, 1};
            go(half, 97s + 100ms);
            Farm rest{plan, 1};
            rest.restore(half.save());
            CHECK(all_points(rest) == all_points(half));
            go(rest, 3min);
            CHECK(all_points(once) == all_points(cut));
            CHECK(all_points(once) == all_points(rest));
        }
    }

    TEST_CASE(
        "a unit that was calibrated reads right at the rated current, and drifts from there") {
        const Folder folder;
        const TypeLibrary library = single_types(folder, "calibration = true");
        const auto error = [&](const std::string& keys, const char* lag) {
            Farm farm{parse_farm("[supply.s]\n[load.x]\ni = \"100 A\"\npf = \"" + std::string{lag} +
                                     "\"\n[[meter]]\nname = \"m\"\nmodel = \"single\"\nload = "
                                     "\"x\"\naccuracy = \"class\"\n" +
                                     keys,
                                 "f.toml", library),
                      1};
            go(farm, 1s);
            return std::abs(shown(farm, "p") / farm.truth(0, 0).readings[Slot::p] - 1);
        };
        for (const char* lag : {"0.5 ind", "0.999 ind"}) {
            CHECK(error("", lag) > 1e-4);
            CHECK(error("calibrated = true\n", lag) < 2e-5); // its noise
            CHECK(error("calibrated = true\nambient = \"60 degC\"\n", lag) > 1e-4);
        }
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\ncalibrated = true\n"))
                  .find("a kpm37 cannot be calibrated") != std::string::npos);
    }

    TEST_CASE("a thermistor shows its temperature in the converter's steps; nothing else costs") {
        MeterSpec spec;
        spec.type = types().find("kpm312");
        spec.temperature_c[1] = 35.0;
        const double celsius = metering_config(spec).temperature_c[1];
        CHECK(celsius == *measured_celsius(Ntc{}, RatioConverter{}, 35.0));
        CHECK(celsius != 35.0);
        CHECK(celsius == doctest::Approx(35.0).epsilon(0.001));
        CHECK(metering_config(spec).temperature_c[0] == *spec.type->open_temperature_c);
        Farm farm{parse_farm("[supply.s]\n[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n", "f.toml",
                             types()),
                  1};
        CHECK(farm.meters()[0].image().extras.empty());
        CHECK_FALSE(farm.meters()[0].type().points.find("u_a_max").has_value());
        CHECK_FALSE(farm.meters()[0].type().points.find("clear_extremes").has_value());
    }
}
