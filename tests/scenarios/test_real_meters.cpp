#include "farms.hpp"
#include "scenarios/farm/meter_terminals.hpp"

#include "sim/ntc.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

FarmPlan plan_of(const std::string& text) { return parse_farm(text, "f.toml", test::types()); }

const Readings& readings(Farm& farm, std::size_t meter, std::size_t circuit = 0) {
    return farm.meters()[meter].circuits()[circuit].state().readings;
}

std::string shelf(const std::string& model, const std::string& keys) {
    return "[supply.main]\n[load.five]\ni = \"5 A\"\npf = \"0.8 ind\"\n[[meter]]\n"
           "name = \"m-{n}\"\ncount = 60\nload = \"five\"\nmodel = \"" +
           model + "\"\n" + keys;
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a shelf of KPM53 of their class spreads inside it, and each is itself again") {
        Farm farm{plan_of(shelf("kpm53", "accuracy = \"class\"\n")), 2};
        Farm again{plan_of(shelf("kpm53", "accuracy = \"class\"\n")), 1};
        Farm ideal{plan_of(shelf("kpm53", "accuracy = \"ideal\"\n")), 1};
        for (Farm* one : {&farm, &again, &ideal}) {
            one->advance(SimTime{2s});
            one->publish(SimTime{2s});
        }
        std::set<double> different;
        double least = 1, most = -1;
        for (std::size_t n = 0; n < 60; ++n) {
            const Readings& r = readings(farm, n);
            const Readings right = farm.truth(n, 0).readings;
            CHECK(readings(again, n).value == r.value);
            CHECK(readings(ideal, n)[Slot::p] == doctest::Approx(right[Slot::p]).epsilon(1e-6));
            const double u = r[Slot::u_a] / right[Slot::u_a] - 1;
            CHECK(std::abs(u) < 0.002);
            CHECK(std::abs(r[Slot::i_b] / right[Slot::i_b] - 1) < 0.002);
            CHECK(std::abs(r[Slot::p] / right[Slot::p] - 1) < 0.006);
            CHECK(std::abs(r[Slot::q] / right[Slot::q] - 1) < 0.02);
            CHECK(std::abs(r[Slot::f] - right[Slot::f]) < 0.02);
            different.insert(u);
            least = std::min(least, u);
            most = std::max(most, u);
        }
        CHECK(different.size() == 60);
        CHECK(least < -0.001);
        CHECK(most > 0.001);
    }

    TEST_CASE("errors that a file writes come on top of a unit's own") {
        const FarmPlan drawn = plan_of(shelf("kpm37", "accuracy = \"class\"\n"));
        const FarmPlan both =
            plan_of(shelf("kpm37", "accuracy = \"class\"\nclock_drift = \"0.5 s\"\nadc = { noise = "
                                   "\"0.001 %\", u = { gain_error = \"1 %\" }, i = { phase_error = "
                                   "\"1 deg\", temperature_coefficient = \"0.01 %\", compression = "
                                   "\"0.3 %\" } }\n"));
        const MeterErrors own = unit_errors(drawn, drawn.meters[3]);
        const MeterErrors all = unit_errors(both, both.meters[3]);
        CHECK(own.channel[0].gain != 0);
        CHECK(all.channel[0].gain - own.channel[0].gain == doctest::Approx(0.01).epsilon(1e-9));
        CHECK(all.channel[0].gain_per_k == own.channel[0].gain_per_k);
        CHECK(all.channel[5].phase_rad - own.channel[5].phase_rad ==
              doctest::Approx(0.01745329252).epsilon(1e-9));
        CHECK(all.channel[5].gain_per_k - own.channel[5].gain_per_k ==
              doctest::Approx(1e-4).epsilon(1e-9));
        CHECK(all.channel[5].level.compression - own.channel[5].level.compression ==
              doctest::Approx(0.003).epsilon(1e-9));
        CHECK(all.channel[2].noise_rms > own.channel[2].noise_rms);
        CHECK(all.crystal - own.crystal == doctest::Approx(0.5 / 86400).epsilon(1e-9));
        CHECK(all.channel[5].level.ct_ratio == own.channel[5].level.ct_ratio);
    }

    TEST_CASE("a hot cabinet moves the readings by the temperature coefficient") {
        const std::string drifting = "adc.i.temperature_coefficient = \"0.02 %\"\n";
        Farm warm{plan_of(shelf("kpm53", drifting + "ambient = \"53 degC\"\n")), 1};
        CHECK(readings(warm, 0)[Slot::i_a] == doctest::Approx(5 * 1.006).epsilon(1e-6));
        CHECK(readings(warm, 0)[Slot::u_a] == doctest::Approx(230).epsilon(1e-6));
    }

    TEST_CASE("a clock that gains is ahead until it is set, and gains again") {
        // 100 s a day is 1 s in 14 min 24 s.
        Farm farm{plan_of("[supply.main]\n[[meter]]\nname = \"m\"\nmodel = \"kpm53\"\n"
                          "clock_drift = \"100 s\"\n"),
                  1};
        const auto ahead = [&](std::chrono::minutes at) {
            farm.advance(SimTime{at});
            farm.publish(SimTime{at});
            return (farm.meters()[0].rtc() - farm.site_time()).count();
        };
        CHECK(ahead(14min) == 0);
        CHECK(ahead(15min) == 1);
        const double f = readings(farm, 0)[Slot::f];
        CHECK(std::abs(f - 50 / (1 + 100.0 / 86400)) < 1e-6);
    }

    TEST_CASE("a KPM312 shows the temperature at its sensors, and an open input without one") {
        Farm farm{plan_of("[supply.main]\n[[meter]]\nname = \"hot\"\nmodel = \"kpm312\"\n"
                          "options = \"1A2A3A4A-T\"\ntemperature = [\"35 degC\", \"-7.5 degC\"]\n"
                          "[[meter]]\nname = \"open\"\nmodel = \"kpm312\"\naddress = 9\n"
                          "[[meter]]\nname = \"none\"\nmodel = \"kpm37\"\n"),
                  1};
        const auto by_thermistor = [](double celsius) {
            return *measured_celsius(Ntc{}, RatioConverter{}, celsius);
        };
        CHECK(readings(farm, 0, 0)[Slot::temp] == by_thermistor(35));
        CHECK(readings(farm, 0, 1)[Slot::temp] == by_thermistor(-7.5));
        CHECK(readings(farm, 0, 2)[Slot::temp] == -176.637);
        CHECK(readings(farm, 1, 3)[Slot::temp] == -176.637);
        CHECK(readings(farm, 2)[Slot::temp] == 0);
        CHECK(farm.truth(0, 0).readings[Slot::temp] == 35);
    }

    TEST_CASE("what makes a unit real is checked with place and cure") {
        const std::string all = test::mistakes_of(
            "[supply.main]\n"
            "[[meter]]\nname = \"a\"\nmodel = \"kpm33b\"\ntemperature = \"20 degC\"\n"
            "accuracy = \"good\"\nambient = \"230 degC\"\nclock_drift = \"1 h\"\n"
            "[[meter]]\nname = \"b\"\nmodel = \"kpm312\"\noptions = \"1A-S\"\naddress = 9\n"
            "temperature = \"20 degC\"\n"
            "[[meter]]\nname = \"c\"\nmodel = \"kpm312\"\naddress = 19\n"
            "temperature = [\"20 V\"]\nadc.compression = \"1 %\"\n");
        CAPTURE(all);
        for (const char* said :
             {"a kpm33b shows no temperature", "these options have no temperature input",
              "temperature \"20 V\" cannot be read", "unknown key \"compression\"",
              "f.toml:6:", "f.toml:7:", "f.toml:8:"})
            CHECK_MESSAGE(all.find(said) != std::string::npos, said);
    }
}
