#include "play_rig.hpp"

#include "scenarios/play/fault_presets.hpp"

#include <algorithm>
#include <set>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view wires = R"(
[bus.cellar]
rtu_tcp = 0
[bus.serial]
pty = "run/serial"
[[meter]]
name = "by-pty"
model = "kpm33b"
bus = "serial"
[[meter]]
name = "by-both"
model = "kpm33b"
bus = "cellar"
mqtt = true
[[meter]]
name = "by-tcp"
model = "kpm33b"
modbus_tcp = 0
mqtt = true
)";

std::string wrong(const std::string& json) { return Play{wires}.mistakes_of(json); }

FarmAction read(const std::string& json) {
    Play play{wires};
    REQUIRE(play.act(json) == 1);
    return play.actions.read(play.actions.all().front()).value();
}

std::string meters(const FarmAction& action, const std::vector<std::string>& names) {
    std::string all;
    for (const CircuitPlace& place : action.circuits)
        all += names[place.meter] + ' ';
    return all;
}

const std::vector<std::string> names{"heat",   "shop-1",  "shop-2", "four",
                                     "by-pty", "by-both", "by-tcp"};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("A fault of the wire is on lines, or where its meters are reached") {
        CHECK(read("{'kind': 'no-answer', 'line': 'c*'}").lines == std::vector<std::size_t>{0});
        CHECK(meters(read("{'kind': 'no-answer', 'meter': '*'}"), names) ==
              "by-pty by-both by-tcp ");
        CHECK(meters(read("{'kind': 'wrong-crc', 'meter': '*'}"), names) == "by-pty by-both ");
        CHECK(meters(read("{'kind': 'reset-peer', 'model': 'kpm33b'}"), names) ==
              "by-both by-tcp ");
        CHECK(meters(read("{'kind': 'broker-down'}"), names) == "by-both by-tcp ");
        CHECK(meters(read("{'kind': 'mqtt-late', 'delay': '1m', 'meter': 'by-t*'}"), names) ==
              "by-tcp ");
    }

    TEST_CASE("What cannot be there is told with a cure") {
        CHECK(has(wrong("{'kind': 'no-answer'}"), "line = \"line1\", or meter, tag or model"));
        CHECK(has(wrong("{'kind': 'no-answer', 'line': 'attic'}"), "no line fits \"attic\""));
        CHECK(has(wrong("{'kind': 'wrong-crc', 'meter': 'by-tcp'}"), "needs an RS-485 line"));
        CHECK(has(wrong("{'kind': 'refused', 'line': 'serial'}"), "needs a TCP connection"));
        CHECK(has(wrong("{'kind': 'latency', 'delay': '1 s', 'meter': 'heat'}"),
                  "needs a way to a meter"));
        CHECK(has(wrong("{'kind': 'mqtt-lost', 'meter': 'heat'}"), "mqtt = true"));
        CHECK(has(wrong("{'kind': 'no-answer', 'line': 'cellar', 'first': 2, 'skip': 1}"),
                  "first and skip say the same thing twice"));
        CHECK(has(wrong("{'kind': 'no-answer', 'line': 'cellar', 'first': 5, 'last': 1}"),
                  "last is before first"));
        CHECK(has(wrong("{'kind': 'no-answer', 'line': 'cellar', 'toxicity': '110 %'}"),
                  "out of range"));
        CHECK(
            has(wrong("{'kind': 'line-preset', 'line': 'cellar', 'preset': 'gsm'}"), "gsm-modem"));
        CHECK(has(wrong("{'kind': 'latency', 'line': 'cellar'}"), "delay = \"200 ms\""));
    }

    TEST_CASE("They are listed, ended, saved and restored as others are") {
        Play play{wires};
        play.to(1s);
        const auto id = play.act("{'kind': 'no-answer', 'line': 'cellar', 'for': '5 s'}");
        CHECK(play.act("{'kind': 'latency', 'meter': 'by-tcp', 'delay': '1 s'}") == 2);
        CHECK(play.actions.find(id)->until == SimTime{} + 6s);
        const Bytes saved = play.actions.save();
        CHECK(play.actions.end(2));
        CHECK(play.actions.find(2)->ended);
        Play other{wires};
        other.actions.restore(saved);
        REQUIRE(other.actions.all().size() == 2);
        CHECK_FALSE(other.actions.find(2)->ended);
        CHECK(other.actions.read(*other.actions.find(2)).value().number.at("delay") == 1);
    }

    TEST_CASE("Every preset is made of kinds and parameters of the table") {
        for (const FaultPreset& preset : fault_presets()) {
            CAPTURE(preset.name);
            CHECK(find_fault_preset(preset.name) == &preset);
            CHECK_FALSE(preset.faults.empty());
            for (const PresetFault& fault : preset.faults) {
                const ActionKind* const kind = find_action_kind(fault.kind);
                REQUIRE(kind != nullptr);
                for (const auto& [key, value] : fault.number) {
                    const ActionParameter* const parameter = kind->find(key);
                    REQUIRE(parameter != nullptr);
                    CHECK(value >= parameter->least);
                    CHECK(value <= parameter->most);
                }
                for (const auto& [key, value] : fault.text) {
                    const ActionParameter* const parameter = kind->find(key);
                    REQUIRE(parameter != nullptr);
                    CHECK(std::find(parameter->choices.begin(), parameter->choices.end(), value) !=
                          parameter->choices.end());
                }
            }
        }
    }

    TEST_CASE("A blackout takes all at once and gives them back one by one") {
        Play play;
        play.to(1s);
        play.act("{'kind': 'blackout', 'meter': '*', 'for': '10 s', 'spread': '60 s'}");
        CHECK(play.actions.all().front().until == SimTime{} + 71s);
        const auto powered = [&] {
            std::string all;
            for (const Meter& meter : play.farm.meters())
                all += meter.powered() ? '1' : '0';
            return all;
        };
        play.to(2s);
        CHECK(powered() == "0000");
        play.to(10900ms);
        CHECK(powered() == "0000");
        std::set<std::string> states;
        for (int n = 11; n <= 72; ++n) {
            play.to(n * 1s);
            states.insert(powered());
        }
        CHECK(powered() == "1111");
        CHECK(states.size() == 5); // four meters, four moments
        play.act("{'kind': 'blackout', 'meter': '*', 'for': '10 s', 'spread': '60 s'}");
        play.to(73s);
        CHECK(powered() == "0000");
        CHECK(play.actions.end(2));
        play.to(74s);
        CHECK(powered() == "1111");
    }
}
