// What a meter was ordered with: what is not fitted is not there, wherever one looks; and its menu's
// reboot, which no action ends.
#include "farms.hpp"
#include "play_rig.hpp"

#include "models/faces/registers.hpp"
#include "scenarios/file/condition.hpp"

#include <algorithm>
#include <array>
#include <cstring>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::mistakes_of;
using test::Play;
using test::with_meter;

namespace {

bool reads(const Circuit& circuit, const std::string& name) {
    const RegisterRow* row = circuit.type().registers.find(name);
    REQUIRE(row != nullptr);
    std::vector<std::uint16_t> words(row->words);
    return bool{read_registers(circuit, row->address, words)};
}

std::vector<std::string> remarks_of(const std::string& keys) {
    return parse_farm(with_meter(keys), "f.toml", test::types()).remarks;
}

Circuit& circuit_of(Play& play, std::size_t meter, std::size_t circuit = 0) {
    return play.farm.meters()[meter].circuits()[circuit];
}

Meter::Done command(Circuit& circuit, std::uint16_t word) {
    const std::array words{word};
    return write_registers(circuit, 0x000C, words);
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("A KPM37 is ordered without inputs and relays: none of what they have is there") {
        Play play{R"(
[[meter]]
name = "bare"
model = "kpm37"
options = "none"
load = "shop"
)"};
        play.to(1s);
        Circuit& whole = circuit_of(play, 1); // shop-1, without a code
        Circuit& bare = circuit_of(play, 4);
        for (const char* name :
             {"relays", "inputs", "relay_alarm", "relay_pulse", "relay_pulse_ms", "alarm_select"}) {
            CAPTURE(name);
            CHECK(reads(whole, name));
            CHECK_FALSE(reads(bare, name));
        }
        CHECK(reads(bare, "alarms"));
        CHECK(reads(bare, "over_voltage"));
        bool bit[1] = {};
        const bool closed[1] = {true};
        CHECK_FALSE(read_coils(bare, 1, bit));
        CHECK_FALSE(read_inputs(bare, 1, bit));
        CHECK(write_coils(bare, 1, closed).error() == Refusal::unknown);
        const std::array<std::uint16_t, 1> one{1};
        CHECK(write_registers(bare, 0x0500, one).error() == Refusal::unknown);
        CHECK(bare.set("relay_alarm", 1, Access::wire).error() == Refusal::unknown);
        CHECK(bare.get("relay_1", Access::local).error() == Refusal::unknown);
        CHECK(whole.set("relay_alarm", 1, Access::wire));
        CHECK(play.mistakes_of("{'kind': 'input', 'meter': 'bare'}") ==
              "action/meter: bare has no input; choose a meter that has one\n");
        CHECK(play.mistakes_of("{'kind': 'point-stuck', 'meter': 'bare', 'point': 'relay_1'}") ==
              "action/point: bare has no relays, and so no relay_1; choose a meter that has it, or "
              "fit it\n");
    }

    TEST_CASE("What options leave out is no key of a meter, and the cure is told") {
        CHECK(
            mistakes_of(with_meter("model = \"kpm37\"\noptions = \"K\"\nmqtt = \"embedded\"\n")) ==
            "f.toml:8:11: options \"K\" have no radio for MQTT; add -Wi or -4G, or leave mqtt "
            "out");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\noptions = \"K-L\"\nmqtt = "
                                     "\"embedded\"\n")) ==
              "f.toml:8:11: options \"K-L\" have no radio for MQTT; add -Wi or -4G, or leave mqtt "
              "out");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\noptions = \"1A2A-K\"\n"
                                     "settings = { relay_alarm = 1 }\n")) ==
              "f.toml:9:14: these options have no relays, and so no setting relay_alarm; add -R to "
              "options, or leave relay_alarm out");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\noptions = \"1A2A-R\"\n"
                                     "settings = { relay_alarm = 1 }\n")) == "");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\noptions = \"K-S\"\n"
                                     "temperature = \"20 degC\"\n")) ==
              "f.toml:9:15: these options have no temperature input; add -T to options, or leave "
              "temperature out");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\noptions = \"S-T\"\nleakage = \"1 mA\"\n"
                                     "temperature = \"20 degC\"\n")) == "");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nrelay_switches = true\n"
                                     "options = \"1A-K\"\n")) ==
              "f.toml:8:18: these options have no relays; add -R to options, or leave "
              "relay_switches out");
    }

    TEST_CASE("A hook names what is not fitted as everything else does") {
        const auto hook = [](const std::string& names) {
            return mistakes_of(with_meter("model = \"kpm37\"\noptions = \"K\"\n") +
                               "[[hook]]\nurl = \"http://127.0.0.1:9000/\"\nnames = [" + names +
                               "]\n");
        };
        CHECK(hook("\"input_1\", \"u_a\"") == "");
        CHECK(hook("\"relay_1\"") ==
              "f.toml:11:9: m-0 has no relays, and so no relay_1; fit it, or "
              "name another");
        CHECK(hook("\"relay_11\"") == "f.toml:11:9: no meter of this hook has a point "
                                      "\"relay_11\"; kpmsim map MODEL lists those of a model");
    }

    TEST_CASE("A hook's address is told with one that it takes") {
        const auto hook = [](const std::string& url) {
            return mistakes_of(with_meter("model = \"kpm37\"\n") + "[[hook]]\nurl = \"" + url +
                               "\"\n");
        };
        CHECK(hook("http://h:9/x") == "");
        CHECK(hook("http://*:9/x")
                  .ends_with("url \"*:9\" has neither a name nor an address for its "
                             "host; write \"http://127.0.0.1:9000/events\""));
        CHECK(
            hook("http://h:9/x#y")
                .ends_with("url has what no URL has here: an account, a #, a blank or another odd "
                           "character; write \"http://127.0.0.1:9000/events\""));
    }

    TEST_CASE("A radio that is ordered is in the serial number, and speaks as it does") {
        const auto serial = [](const std::string& options) {
            return parse_farm(with_meter("model = \"kpm37\"\noptions = \"" + options + "\"\n"),
                              "f.toml", test::types())
                .meters[0]
                .spec.serial.substr(0, 5);
        };
        CHECK(serial("none") == "30710");
        CHECK(serial("K-4G") == "30711");
        CHECK(serial("Wi-R") == "30712");
    }

    TEST_CASE("A second RS-485 of a KPM53 has the terminals of the reactive pulses") {
        Play play{R"(
[[meter]]
name = "two"
model = "kpm53"
options = "K-R-T-RS485"
)"};
        play.to(1s);
        Circuit& two = circuit_of(play, 4);
        CHECK(reads(two, "pulses_p"));
        CHECK_FALSE(reads(two, "pulses_q"));
        CHECK(two.get("pulses_q_time", Access::local).error() == Refusal::unknown);
        CHECK(reads(circuit_of(play, 0), "pulses_q")); // without a code
        CHECK(reads(two, "temp"));                     // an open input
        CHECK_FALSE(reads(circuit_of(play, 0), "temp"));
        CHECK(reads(two, "relays"));
    }

    TEST_CASE("The second RS-485 of a KPM53 has a line of its own, with the speed of the first") {
        const auto plan = [](const std::string& keys) {
            return "[bus.line2]\nrtu_tcp = 0\n[bus.fast]\nbaud = 19200\n" + with_meter(keys);
        };
        const auto told = [&](const std::string& keys) { return mistakes_of(plan(keys)); };
        const std::string kpm53 = "model = \"kpm53\"\n";
        const std::string two = "options = \"K-R-T-RS485\"\n";
        const FarmPlan farm =
            parse_farm(plan(kpm53 + two + "bus = [\"line1\", \"line2\"]\naddress = 9\n"), "f.toml",
                       test::types());
        CHECK(farm.meters[0].buses == std::vector<std::string>{"line1", "line2"});
        CHECK(farm.meters[0].is_on("line2"));
        CHECK_FALSE(farm.meters[0].is_on("fast"));
        CHECK(told(kpm53 + "bus = [\"line1\"]\n") == "");
        for (const std::string options : {"", "options = \"K-R-T\"\n"})
            CHECK(
                told(kpm53 + "bus = [\"line1\", \"line2\"]\n" + options) ==
                "f.toml:12:7: without option RS485 a kpm53 has one RS-485, and bus names 2 lines; "
                "add -RS485 to options, which takes the reactive pulses' terminals, or name one "
                "line");
        CHECK(told("model = \"kpm37\"\nbus = [\"line1\", \"line2\"]\n") ==
              "f.toml:12:7: a kpm37 has one RS-485, and bus names 2 lines; name one line");
        CHECK(
            told(kpm53 + two + "bus = [\"line1\", \"line2\", \"fast\"]\n")
                .starts_with("f.toml:13:7: a kpm53 has two RS-485, and bus names 3 lines; name two "
                             "lines"));
        CHECK(
            told(kpm53 + two + "bus = [\"line1\", \"line1\"]\n")
                .starts_with("f.toml:13:7: both RS-485 are on bus line1; name two lines, or one"));
        CHECK(told(kpm53 + two + "bus = [\"line1\", \"fast\"]\n") ==
              "f.toml:13:7: bus line1 has 9600 Bd 8N1, and bus fast has 19200 Bd 8N1; a kpm53 has "
              "one speed and one format for both of its RS-485: write the same under [bus.line1] "
              "and [bus.fast]");
        CHECK(told(kpm53 + two + "bus = [\"line1\", \"lin2\"]\n")
                  .starts_with("f.toml:13:7: unknown bus \"lin2\"; did you mean line"));
        CHECK(told(kpm53 + two +
                   "bus = [\"line1\", \"line2\"]\naddress = 9\n[[meter]]\n"
                   "name = \"b\"\nmodel = \"kpm33b\"\nbus = \"line2\"\naddress = 9\n") ==
              "f.toml:19:11: b has address 9 on bus line2, where m-0 has 9; give each meter an "
              "address of its own");
    }

    TEST_CASE("A hint names what this unit has, not what its model can have") {
        const std::string bare = R"(
[[meter]]
name = "bare"
model = "kpm37"
options = "none"
load = "shop"
)";
        const auto hint = [&](const std::string& meter, const std::string& point) {
            Play play{bare};
            const std::string said = play.mistakes_of("{'kind': 'point-stuck', 'meter': '" + meter +
                                                      "', 'point': '" + point + "'}");
            return said.substr(said.find("; ") + 2);
        };
        CHECK(hint("shop-1", "relay_pulses") == "did you mean relay_pulse?\n");
        CHECK(hint("bare", "relay_pulses").find("relay_") == std::string::npos);
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\nsettings = { relay_pulses = 1 }\n")) ==
              "f.toml:8:14: a kpm37 has no setting \"relay_pulses\"; did you mean relay_pulse?");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\noptions = \"none\"\n"
                                     "settings = { relay_pulses = 1 }\n"))
                  .find("relay_pulse ") == std::string::npos);
        const FarmPlan farm = parse_farm(
            with_meter("model = \"kpm37\"\n[[meter]]\nname = \"bare\"\nmodel = \"kpm37\"\n"
                       "options = \"none\"\n"),
            "f.toml", test::types());
        const auto in_formula = [&](const std::string& text) {
            Fault fault;
            CHECK_FALSE(Condition::read(text, Vocabulary{farm.meters}, fault).has_value());
            return fault.cure;
        };
        CHECK(in_formula("m-0.relay_puls > 0") == "did you mean relay_pulse?");
        CHECK(in_formula("bare.relay_puls > 0").find("relay") == std::string::npos);
    }

    TEST_CASE("A KPM312 has temperatures or residual currents, with and without a code") {
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nleakage = \"30 mA\"\n"
                                     "temperature = \"20 degC\"\n")) ==
              "f.toml:9:15: a kpm312 has temperatures or residual currents, not both; leave "
              "temperature or leakage out");
        Play play{R"(
[[meter]]
name = "residual"
model = "kpm312"
options = "1A2A-S-Wi"
mqtt = "embedded"
[[meter]]
name = "neither"
model = "kpm312"
options = "1A2A-Wi"
mqtt = "embedded"
[[meter]]
name = "leaking"
model = "kpm312"
leakage = "30 mA"
)"};
        play.to(31s);
        for (const std::size_t meter : {std::size_t{4}, std::size_t{6}}) {
            CHECK_FALSE(reads(circuit_of(play, meter), "temp"));
            CHECK(reads(circuit_of(play, meter), "i_residual"));
            CHECK(circuit_of(play, meter).get("temp_max", Access::local).error() ==
                  Refusal::unknown);
        }
        CHECK(reads(circuit_of(play, 5), "temp"));
        CHECK_FALSE(reads(circuit_of(play, 5), "i_residual"));
        CHECK(play.get("neither", "temp") == -176.637); // as meters of the field show it
        std::array<bool, 2> says_temp{};
        std::array<bool, 2> says_ig{};
        for (const Message& message : play.farm.take_messages())
            if (message.meter == 4 || message.meter == 5) {
                says_temp[message.meter - 4] |=
                    message.payload.find("\"temp\":") != std::string::npos;
                says_ig[message.meter - 4] |= message.payload.find("\"ig\":") != std::string::npos;
            }
        CHECK(says_temp == std::array{false, true});
        CHECK(says_ig == std::array{true, false});
    }

    TEST_CASE(
        "Its menu starts a meter anew: silent for three seconds, relays open, counters stay") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.to(60s);
            Circuit& four = circuit_of(play, 3, 1);
            const bool closed[1] = {true};
            REQUIRE(write_coils(four, 1, closed));
            play.to(61s);
            const double before = play.get("four", "e_p_import");
            CHECK(before > 0);
            CHECK(play.get("four", "relay_1", 1) == 1);
            REQUIRE(command(four, 0x557C));
            CHECK_FALSE(four.meter().powered()); // at once
            play.to(63s + 800ms);
            CHECK_FALSE(four.meter().powered());
            play.to(64s + 400ms);
            CHECK(four.meter().powered());
            CHECK(play.get("four", "relay_1", 1) == 0);
            CHECK(play.get("four", "e_p_import") >= before);
            CHECK(four.meter().rtc() == play.farm.site_time());
            REQUIRE(command(four, 0x557C)); // and again
            play.to(66s);
            CHECK_FALSE(four.meter().powered());
            play.to(68s);
            CHECK(four.meter().powered());
        }
    }

    TEST_CASE(
        "A reboot that a meter began is over for one that was restored from its middle, too") {
        const FarmPlan plan = parse_farm("[supply.s]\n[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\n",
                                         "f.toml", test::types());
        Farm one{plan, 1};
        const auto go = [](Farm& farm, SimDuration to) {
            farm.advance(SimTime{} + to);
            farm.publish(SimTime{} + to);
        };
        go(one, 2s);
        REQUIRE(command(one.meters()[0].circuits()[0], 0x557C));
        go(one, 3s);
        Farm other{plan, 1};
        other.restore(one.save());
        CHECK_FALSE(other.meters()[0].powered());
        go(other, 6s);
        CHECK(other.meters()[0].powered());
    }

    TEST_CASE("Its menu sends a meter's radio to the maintenance platform: packets cease") {
        Play play{R"(
[[meter]]
name = "radio"
model = "kpm37"
load = "shop"
mqtt = "embedded"
)"};
        play.to(45s);
        CHECK_FALSE(play.farm.take_messages().empty());
        REQUIRE(command(circuit_of(play, 4), 0x557D));
        CHECK(circuit_of(play, 4).meter().image().memory.broker.debug);
        play.to(110s);
        CHECK(play.farm.take_messages().empty());
        CHECK(circuit_of(play, 4).meter().powered());
        // A KPM53's menu has neither.
        CHECK(command(circuit_of(play, 0), 0x557C).error() == Refusal::out_of_range);
        CHECK(command(circuit_of(play, 0), 0x557D).error() == Refusal::out_of_range);
    }

    TEST_CASE("That a supply does not feed its meter is remarked, not refused") {
        CHECK(remarks_of("model = \"kpm53\"\nauxiliary = \"79 V DC\"\n") ==
              std::vector<std::string>{
                  "f.toml:8:13: meter m-0 is off from the start: auxiliary is 79 V DC, and a "
                  "kpm53 works with 85 to 265 V AC or 80 to 300 V DC"});
        CHECK(remarks_of("model = \"kpm312\"\ncount = 3\nauxiliary = \"0 V\"\n") ==
              std::vector<std::string>{
                  "f.toml:9:13: meters m-0 to m-2 are off from the start: auxiliary is 0 V, and "
                  "a kpm312 works with 85 to 265 V AC or 80 to 300 V DC"});
        CHECK(remarks_of("model = \"kpm53\"\nauxiliary = \"85 V\"\n").empty());
    }

    TEST_CASE("A range is told in the unit of what was written") {
        Play play{"[[meter]]\nname = \"warm\"\nmodel = \"kpm37\"\ntemperature = \"20 degC\"\n"
                  "leakage = \"1 mA\"\n"};
        CHECK(play.mistakes_of("{'kind': 'temperature', 'meter': 'warm', 'to': '201 degC'}") ==
              "action/to: to 201 degC is out of range; write from -60 degC to 200 degC\n");
        CHECK(play.mistakes_of("{'kind': 'leakage', 'meter': 'warm', 'to': '101A'}") ==
              "action/to: to 101A is out of range; write from 0 A to 100 A\n");
        CHECK(play.mistakes_of("{'kind': 'reboot', 'meter': 'warm', 'takes': '0.1 s'}") ==
              "action/takes: takes 0.1 s is out of range; write from 0.2 s to 3600 s\n");
    }
}
