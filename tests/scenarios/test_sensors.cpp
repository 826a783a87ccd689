// Temperatures, residual currents, maxima, times and relays of the meters as they leave the factory.
#include "farms.hpp"
#include "play_rig.hpp"

#include "models/faces/registers.hpp"
#include "models/type/serial.hpp"
#include "scenarios/farm/sensor_watch.hpp"
#include "sim/ntc.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;
using doctest::Approx;
using test::Play;

namespace {

constexpr std::string_view sensed = R"(
[[meter]]
name = "warm"
model = "kpm37"
load = "shop"
mqtt = "embedded"
temperature = ["20 degC", "30 degC", "40 degC", "50 degC"]
leakage = "30 mA"
[[meter]]
name = "cabinet"
model = "kpm53"
load = "shop"
temperature = "35 degC"
[[meter]]
name = "leaky"
model = "kpm312"
options = "1A2A3A4A-S-Wi"
loads = ["heat", "shop", "none", "none"]
leakage = ["10 mA", "20 mA"]
mqtt = "embedded"
)";

double ntc(double celsius) { return *measured_celsius(Ntc{}, RatioConverter{}, celsius); }

std::string last_packets(Farm& farm, const std::string& topic, std::size_t meter) {
    std::string all;
    for (const Message& message : farm.take_messages())
        if (message.topic == topic && message.meter == meter)
            all = message.payload;
    return all;
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("Temperatures are read through thermistors, move by actions, and an open lead reads "
              "so") {
        Play play{sensed};
        play.to(1s);
        CHECK(play.get("warm", "temp_a") == ntc(20));
        CHECK(play.get("warm", "temp_n") == ntc(50));
        CHECK(play.get("warm", "temp_n") == Approx(50).epsilon(2e-3));
        CHECK(play.get("cabinet", "temp") == 35);
        const TypeLibrary library = TypeLibrary::builtin();
        const PointTable& four_inputs = library.find("kpm37")->points;
        CHECK(four_inputs.find("temp_a_max"));
        CHECK(!four_inputs.find("temp"));
        CHECK(!four_inputs.find("temp_max"));
        CHECK(!library.find("kpm33b")->points.find("temp")); // it has none
        play.act("{'kind': 'temperature', 'meter': 'warm', 'input': 2, 'to': '85 degC', "
                 "'for': '4 s'}");
        const auto all = play.act("{'kind': 'temperature', 'meter': 'cabinet', 'to': '-10 degC'}");
        play.act("{'kind': 'sensor-open', 'meter': 'warm', 'input': 4}");
        play.to(3s);
        CHECK(play.get("warm", "temp_b") == ntc(85));
        CHECK(play.get("warm", "temp_a") == ntc(20));
        CHECK(play.get("warm", "temp_n") == -176.637);
        CHECK(play.get("cabinet", "temp") == -10);
        CHECK(play.farm.truth(5, 0).readings[Slot::temp] == -10);
        play.actions.end(all);
        play.to(7s);
        CHECK(play.get("warm", "temp_b") == ntc(30));
        CHECK(play.get("cabinet", "temp") == 35);
        play.act("{'kind': 'temperature', 'meter': 'four', 'circuit': 3, 'to': '60 degC'}");
        play.to(9s);
        CHECK(play.get("four", "temp", 2) == ntc(60));
        CHECK(play.get("four", "temp", 1) == -176.637);
    }

    TEST_CASE("A residual current moves by actions, each circuit's its own") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{sensed, fidelity};
            play.to(2s);
            CHECK(play.get("warm", "i_residual") == Approx(0.030).epsilon(1e-4));
            CHECK(play.get("leaky", "i_residual", 0) == Approx(0.010).epsilon(1e-3));
            CHECK(play.get("leaky", "i_residual", 1) == Approx(0.020).epsilon(1e-3));
            CHECK(play.get("leaky", "i_residual", 2) == Approx(0).epsilon(1e-5));
            play.act("{'kind': 'leakage', 'meter': 'warm', 'to': '500 mA', 'for': '10 s'}");
            play.act("{'kind': 'leakage', 'meter': 'leaky', 'circuit': 3, 'to': '300 mA'}");
            play.to(10s);
            CHECK(play.get("warm", "i_residual") == Approx(0.5).epsilon(1e-4));
            CHECK(play.get("leaky", "i_residual", 2) == Approx(0.3).epsilon(1e-4));
            CHECK(play.get("leaky", "i_residual", 1) == Approx(0.020).epsilon(1e-3));
            play.to(20s);
            CHECK(play.get("warm", "i_residual") == Approx(0.030).epsilon(1e-4));
        }
    }

    TEST_CASE("What is not fitted is not there: no register, no key in a packet, no action") {
        Play play{sensed};
        play.to(31s);
        const auto reads = [&](std::size_t meter, std::uint16_t address) {
            std::uint16_t words[2] = {};
            return bool{read_registers(play.farm.meters()[meter].circuits()[0], address, words)};
        };
        CHECK(reads(4, 0x0510));       // temp_a of warm
        CHECK(reads(4, 0x0518));       // i_residual
        CHECK_FALSE(reads(1, 0x0510)); // of shop-1
        CHECK_FALSE(reads(1, 0x0518));
        CHECK(reads(6, 0x0518));
        CHECK_FALSE(reads(3, 0x0518)); // four has no -S, and no leakage
        const std::string last = last_packets(play.farm, "MQTT_RT_DATA", 4);
        CHECK(last.find(fmt::format("\"ta\":{:.3f},", ntc(20))) != std::string::npos);
        CHECK(last.find("\"tn\":") != std::string::npos);
        CHECK(last.find("\"isend\":\"1\"") != std::string::npos);
        CHECK(play.mistakes_of("{'kind': 'leakage', 'meter': 'shop-1', 'to': '1 A'}") ==
              "action/meter: shop-1 has no residual current input; choose a meter with leakage in "
              "its [[meter]]\n");
        CHECK(play.mistakes_of("{'kind': 'temperature', 'meter': 'shop-2', 'to': '1 degC'}") ==
              "action/meter: shop-2 has no temperature sensor; choose a meter with temperature in "
              "its [[meter]]\n");
        CHECK(play.mistakes_of("{'kind': 'temperature', 'meter': 'warm', 'to': '201 degC'}")
                  .starts_with("action/to: to 201 degC is out of range"));
        const std::string top = "[supply.main]\n[[meter]]\nname = \"m\"\n";
        CHECK(test::mistakes_of(top +
                                "model = \"kpm37\"\ntemperature = [\"1 degC\", \"2 degC\", \"3 "
                                "degC\", \"4 degC\", \"5 degC\"]\n") ==
              "f.toml:5:15: temperature holds 5 values; this meter has 4 sensors");
        CHECK(test::mistakes_of(top +
                                "model = \"kpm312\"\noptions = \"1A-T\"\nleakage = \"1 A\"\n") ==
              "f.toml:6:11: these options have no residual current input; add -S to options (it "
              "excludes -T), or leave leakage out");
        CHECK(
            test::mistakes_of(top + "model = \"kpm37\"\nleakage = \"101 A\"\n") ==
            "f.toml:5:11: leakage is 101 A, and goes from 0 A to 100 A; write \"30 mA\", or a list "
            "with "
            "one for each circuit");
    }

    TEST_CASE("Maxima and minima have their times, and are cleared by a register") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.act("{'kind': 'dip', 'residual': '50 %', 'at': '20 s', 'for': '2 s'}");
            play.act("{'kind': 'load-step', 'meter': 'four', 'circuit': 2, 'p': '3 kW', "
                     "'at': '30 s', 'for': '5 s'}");
            play.to(60s);
            const double start = play.get("heat", "clock") - 60;
            for (const std::string meter : {"heat", "shop-1", "four"}) {
                CAPTURE(meter);
                CHECK(play.get(meter, "u_a_min") == Approx(115).epsilon(1e-4));
                CHECK(play.get(meter, "u_a_max") == Approx(230).epsilon(1e-6));
                CHECK(play.get(meter, "u_a_min_time") - start >= 20);
                CHECK(play.get(meter, "u_a_min_time") - start <= 21);
                CHECK(play.get(meter, "u_a_max_time") - start <= 2);
            }
            CHECK(play.get("four", "p_max", 1) == Approx(6000).epsilon(1e-3));
            CHECK(play.get("four", "p_max_time", 1) - start >= 30);
            CHECK(play.get("four", "p_max", 0) == Approx(6000).epsilon(1e-3));
            Circuit& circuit = play.farm.meters()[3].circuits()[1];
            const std::uint16_t clear[1] = {0x557B};
            CHECK(write_registers(circuit, 0x000C, clear));
            // They begin with what it reads, at once.
            CHECK(play.get("four", "u_a_min") == play.get("four", "u_a"));
            CHECK(play.get("four", "p_max", 1) == play.get("four", "p", 1));
            CHECK(play.get("four", "u_a_min_time") == start + 60);
            play.to(61s);
            CHECK(play.get("four", "u_a_min_time") - start >= 60);
            CHECK(play.get("four", "u_a_min_time") - start <= 61);
            CHECK(play.get("four", "u_a_min") == Approx(230).epsilon(1e-6));
            CHECK(play.get("four", "p_max", 1) == Approx(3000).epsilon(1e-3));
            CHECK(play.get("shop-1", "u_a_min") == Approx(115).epsilon(1e-4));
            // Another unit in its place has seen no dip.
            play.act(
                "{'kind': 'meter-swap', 'meter': 'shop-1', 'serial': '" +
                serial_number(play.farm.meters()[1].type().serial, Carrier::wifi, 2026, 2, 900) +
                "'}");
            play.to(62s);
            CHECK(play.get("shop-1", "u_a_min") == Approx(230).epsilon(1e-6));
        }
    }

    TEST_CASE("Temperatures, residual currents and sequence components have extremes, too") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{sensed, fidelity};
            play.to(10s);
            const double start = play.get("warm", "clock") - 10;
            play.act("{'kind': 'temperature', 'meter': 'warm', 'input': 2, 'to': '85 degC', "
                     "'for': '4 s'}");
            play.act("{'kind': 'temperature', 'meter': 'cabinet', 'to': '-10 degC', "
                     "'for': '4 s'}");
            play.act("{'kind': 'leakage', 'meter': 'warm', 'to': '500 mA', 'for': '4 s'}");
            play.act("{'kind': 'dip', 'residual': '50 %', 'phases': 'a', 'at': '20 s', "
                     "'for': '2 s'}");
            play.to(40s);
            CHECK(play.get("warm", "temp_b_max") == ntc(85));
            CHECK(play.get("warm", "temp_b_min") == ntc(30));
            CHECK(play.get("warm", "temp_a_max") == ntc(20));
            CHECK(play.get("cabinet", "temp_min") == -10);
            CHECK(play.get("cabinet", "temp_max") == 35);
            CHECK(play.get("warm", "i_residual_max") == Approx(0.5).epsilon(1e-4));
            for (const auto& [meter, point] :
                 {std::pair{"warm", "temp_b_max_time"}, std::pair{"cabinet", "temp_min_time"},
                  std::pair{"warm", "i_residual_max_time"}}) {
                CAPTURE(point);
                CHECK(play.get(meter, point) - start >= 10);
                CHECK(play.get(meter, point) - start <= 11);
            }
            CHECK(play.get("warm", "u_neg_max") == Approx(115.0 / 3).epsilon(1e-3));
            CHECK(play.get("warm", "u_pos_min") == Approx(230 - 115.0 / 3).epsilon(1e-3));
            CHECK(play.get("warm", "u_neg_max_time") - start >= 20);
            CHECK(play.farm.meters()[4].circuits()[0].set("clear_extremes", 1, Access::wire));
            CHECK(play.get("warm", "temp_b_max") == ntc(30)); // at once
            play.to(41s);
            CHECK(play.get("warm", "temp_b_max") == ntc(30));
            CHECK(play.get("warm", "i_residual_max") == Approx(0.030).epsilon(1e-4));
        }
    }

    TEST_CASE("A farm with extremes of temperatures goes on as it was saved") {
        Play play{sensed};
        play.act("{'kind': 'temperature', 'meter': 'warm', 'input': 2, 'to': '85 degC', "
                 "'for': '1 s'}");
        play.to(3s + 100ms);
        const Bytes saved = play.actions.save();
        Play other{sensed};
        other.actions.restore(saved);
        other.to(5s);
        CHECK(other.get("warm", "temp_b_max") == ntc(85));
        CHECK(other.get("warm", "temp_b") == ntc(30));
    }

    TEST_CASE("Units of a class read temperatures wrong, within the manual's limits") {
        const auto with_accuracy = [](std::string text) {
            const std::string key = "accuracy = \"class\"\n";
            for (auto at = text.find("model = "); at != std::string::npos;
                 at = text.find("model = ", at + key.size() + 1))
                text.insert(at, key);
            return text;
        };
        const std::string cold = R"(
[[meter]]
name = "chest"
model = "kpm312"
options = "1A2A3A4A-T-Wi"
loads = ["heat", "shop", "none", "none"]
temperature = ["-20 degC", "25 degC", "60 degC", "100 degC"]
)";
        Play play{with_accuracy(std::string{sensed} + cold)};
        play.to(1s);
        std::vector<double> errors;
        for (const auto& [point, is] : {std::pair{"temp_a", 20.0}, std::pair{"temp_b", 30.0},
                                        std::pair{"temp_c", 40.0}, std::pair{"temp_n", 50.0}})
            errors.push_back(play.get("warm", point) - is);
        errors.push_back(play.get("cabinet", "temp") - 35);
        for (std::size_t n = 0; n < errors.size(); ++n) {
            CAPTURE(n);
            CHECK(std::abs(errors[n]) > 1e-3); // each its own
            CHECK(std::abs(errors[n]) <= 1);
            for (std::size_t m = 0; m < n; ++m)
                CHECK(std::abs(errors[n] - errors[m]) > 1e-3);
        }
        CHECK(play.farm.truth(5, 0).readings[Slot::temp] == 35);
        bool any = false;
        for (const auto& [circuit, is] :
             {std::pair{0, -20.0}, std::pair{1, 25.0}, std::pair{2, 60.0}, std::pair{3, 100.0}}) {
            CAPTURE(circuit);
            const double read = play.get("chest", "temp", circuit);
            const double kelvin = is + 273.15;
            // 1 % of the resistance, and half a code.
            CHECK(std::abs(read - is) <= 0.01 * kelvin * kelvin / 3950 + 0.05);
            any = any || read != ntc(is);
        }
        CHECK(any);
        // Whether it has sensors moves nothing else.
        std::string without{sensed};
        for (const char* line :
             {"temperature = [\"20 degC\", \"30 degC\", \"40 degC\", \"50 degC\"]\n",
              "temperature = \"35 degC\"\n"})
            without.erase(without.find(line), std::string{line}.size());
        Play other{with_accuracy(without)};
        other.to(1s);
        for (const char* point : {"u_a", "i_a", "p", "i_residual"})
            CHECK(other.get("warm", point) == play.get("warm", point));
        CHECK(other.get("cabinet", "u_a") == play.get("cabinet", "u_a"));
    }

    TEST_CASE("Temperatures and residual currents beyond their sensors' ranges are marked and told "
              "once") {
        Play play{sensed};
        SensorWatch watch;
        using Marks = std::array<std::uint16_t, 2>;
        const auto marks = [&] {
            Marks words{};
            CHECK(read_registers(play.farm.meters()[4].circuits()[0], 0x0D16, words));
            return words;
        };
        play.to(1s);
        CHECK(marks() == Marks{0, 0});
        CHECK(watch.look(play.farm).begun.empty());
        play.act("{'kind': 'temperature', 'meter': 'warm', 'input': 2, 'to': '101 degC', "
                 "'for': '4 s'}");
        play.act("{'kind': 'temperature', 'meter': 'warm', 'input': 4, 'to': '-21 degC', "
                 "'for': '4 s'}");
        play.act("{'kind': 'leakage', 'meter': 'warm', 'to': '1.1 A', 'for': '4 s'}");
        play.to(3s);
        CHECK(marks() == Marks{8, 2 | 16});
        CHECK(play.get("warm", "sensors_below_range") == 8);
        CHECK(play.get("warm", "sensors_above_range") == 18);
        SensorWatch::Remarks remarks = watch.look(play.farm);
        CHECK(remarks.begun ==
              std::vector<std::string>{
                  "meter warm: temp_b, temp_n, i_residual beyond the sensor's range at "
                  "2026-01-01T00:00:03 (sensors_below_range, sensors_above_range)"});
        play.to(4s);
        CHECK(watch.look(play.farm).begun.empty());
        play.act("{'kind': 'sensor-open', 'meter': 'warm', 'input': 1}");
        play.act("{'kind': 'temperature', 'meter': 'warm', 'input': 3, 'to': '99 degC'}");
        play.act("{'kind': 'leakage', 'meter': 'warm', 'to': '990 mA'}");
        play.to(8s);
        CHECK(marks() == Marks{0, 0}); // an open input is in no range
        CHECK(watch.look(play.farm).over.empty());
        play.to(15s);
        CHECK(watch.look(play.farm).over ==
              std::vector<std::string>{
                  "meter warm: back in the sensor's range: temp_b, temp_n, i_residual"});
        std::uint16_t none[1] = {};
        CHECK_FALSE(read_registers(play.farm.meters()[1].circuits()[0], 0x0D16, none));
        play.act("{'kind': 'leakage', 'meter': 'leaky', 'circuit': 2, 'to': '1.1 A'}");
        play.to(16s);
        CHECK(play.get("leaky", "sensors_above_range", 1) == 16);
        CHECK(play.get("leaky", "sensors_above_range", 0) == 0);
        CHECK(watch.look(play.farm).begun.at(0).starts_with(
            "meter leaky: i_residual of circuit 2 beyond"));
    }

    TEST_CASE("Running time goes on with the supply, load time with a current") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.act("{'kind': 'power-off', 'meter': 'heat', 'at': '30 min', 'for': '10 min'}");
            play.act("{'kind': 'load-off', 'meter': 'shop-1', 'at': '15 min', "
                     "'for': '15 min'}");
            play.to(1h);
            CHECK(play.get("heat", "run_time") == Approx(50.0 / 60).epsilon(1e-3));
            CHECK(play.get("heat", "load_time") == Approx(50.0 / 60).epsilon(1e-3));
            CHECK(play.get("shop-1", "run_time") == Approx(1).epsilon(1e-6));
            CHECK(play.get("shop-1", "load_time") == Approx(0.75).epsilon(1e-3));
            CHECK(play.get("four", "load_time", 2) == 0);
            CHECK(play.get("four", "load_time", 1) == Approx(1).epsilon(1e-3));
        }
    }

    TEST_CASE(
        "An alarm closes its relay in a farm, through a power cut, in both fidelities, however "
        "time is cut") {
        constexpr std::string_view guard = R"(
[[meter]]
name = "guard"
model = "kpm53"
load = "heat"
relay_switches = true
settings = { relay_alarm = 2, over_current = 100 }
)";
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            std::string seen[2];
            for (const SimDuration step : {SimDuration{20s}, SimDuration{130ms}}) {
                Play play{guard, fidelity};
                std::string& log = seen[step > 1s ? 0 : 1];
                CHECK(play.farm.meters()[4].circuits()[0].set("relay_1", 1, Access::wire));
                play.act("{'kind': 'power-off', 'meter': 'guard', 'at': '40 s', 'for': '10 s'}");
                for (SimDuration at = step; at <= 80s; at += step)
                    play.to(at);
                play.to(80s);
                log = std::to_string(play.get("guard", "relay_1")) + " " +
                      std::to_string(play.get("guard", "e_p_import")) + " " +
                      std::to_string(play.get("guard", "run_time"));
                // 8.7 A are above 5 A: the second relay is closed, the first one was opened by the cut.
                CHECK(play.get("guard", "relay_2") == 0); // no load, no alarm
                CHECK(play.get("guard", "relay_1") == 0);
                CHECK(play.get("guard", "i_a") == Approx(0).epsilon(1e-6));
                CHECK(play.farm.meters()[4].circuits()[0].set("relay_1", 1, Access::wire));
                play.to(90s);
                CHECK(play.get("guard", "relay_2") == 1);
                CHECK(play.get("guard", "alarm_over_current") == 1);
            }
            CHECK(seen[0] == seen[1]);
        }
    }
}
