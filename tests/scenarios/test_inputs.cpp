#include "farms.hpp"
#include "play_rig.hpp"

#include "models/faces/registers.hpp"

using namespace kpmsim;
using namespace std::chrono_literals;
using test::Play;

namespace {

constexpr std::string_view contacts = R"(
[[meter]]
name = "gate"
model = "kpm37"
load = "shop"
mqtt = "embedded"
inputs_closed = [2]
[[meter]]
name = "feeders"
model = "kpm312"
loads = ["heat", "shop", "none", "none"]
options = "1A2A3A4A-K-Wi"
mqtt = "embedded"
inputs_closed = [4]
)";

/// The indications that the farm sent, a line each.
std::string told(Farm& farm) {
    std::string all;
    for (const Message& message : farm.take_messages())
        if (message.topic == "MQTT_TELEIND")
            all +=
                std::to_string(message.at.time_since_epoch() / 1ms) + ' ' + message.payload + '\n';
    return all;
}

bool discrete(Play& play, std::size_t meter, std::size_t circuit, std::uint16_t input) {
    bool bit[1] = {};
    CHECK(read_inputs(play.farm.meters()[meter].circuits()[circuit], input, bit));
    return bit[0];
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("A contact that an action closes shows as a discrete input and is told by MQTT") {
        Play play{contacts};
        CHECK(discrete(play, 4, 0, 2));
        CHECK_FALSE(discrete(play, 4, 0, 1));
        CHECK(discrete(play, 5, 3, 1));
        play.act("{'kind': 'input', 'meter': 'gate', 'at': '10010 ms', 'for': '5 s'}");
        play.act("{'kind': 'input', 'meter': 'gate', 'input': 2, 'state': 'open', 'at': '12 s'}");
        play.act("{'kind': 'input', 'meter': 'feeders', 'circuit': 3, 'at': '11 s'}");
        play.to(10200ms);
        CHECK(discrete(play, 4, 0, 1));
        play.to(20s);
        CHECK_FALSE(discrete(play, 4, 0, 1));
        CHECK(discrete(play, 5, 2, 1));
        CHECK_FALSE(discrete(play, 5, 0, 1));
        CHECK(play.get("feeders", "input_1", 2) == 1);
        const std::string serial = play.farm.meters()[4].circuits()[0].serial();
        const std::string third = play.farm.meters()[5].circuits()[2].serial();
        const auto line = [](int ms, const std::string& id, const std::string& value, int second) {
            return std::to_string(ms) + " {\"id\":\"" + id + "\",\"value\":\"" + value +
                   "\",\"time\":\"202601010000" + std::to_string(second) + "\"}\n";
        };
        CHECK(told(play.farm) == line(10200, serial, "00000003@00000000", 10) +
                                     line(11200, third, "00000001@00000000", 11) +
                                     line(12200, serial, "00000001@00000000", 12) +
                                     line(15200, serial, "00000000@00000000", 15));
    }

    TEST_CASE("A contact that outlasts the debounce time is seen by function 02 and by the alarm, "
              "wherever in a window it lies") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window})
            for (int n = 0; n < 10; ++n) {
                CAPTURE(name_of(fidelity));
                CAPTURE(n);
                Play play{"[[meter]]\nname = \"lift\"\nmodel = \"kpm53\"\n"
                          "[[meter]]\nname = \"feeders\"\nmodel = \"kpm312\"\n"
                          "options = \"1A2A3A4A-K-R-Wi\"\n"
                          "settings = { alarm_select = 8, relay_alarm = 1 }\n",
                          fidelity};
                for (const char* meter : {"lift", "feeders"})
                    play.act("{'kind': 'input', 'meter': '" + std::string{meter} +
                             "', 'circuit': 1, 'at': '" + std::to_string(5000 + 20 * n) +
                             " ms', 'for': '41 ms'}");
                bool seen = false, alarmed = false, moved = false;
                for (SimDuration at = 4800ms; at <= 7s; at += 200ms) {
                    play.to(at);
                    seen |= discrete(play, 4, 0, 1);
                    alarmed |= play.get("feeders", "alarm_input") == 1;
                    moved |= play.get("feeders", "relay_1") == 1;
                }
                CHECK(seen);
                CHECK(alarmed);
                CHECK(moved);
                CHECK_FALSE(discrete(play, 4, 0, 1));
                CHECK(play.get("feeders", "relay_1") == 0);
            }
    }

    TEST_CASE("Contacts are the same however time is cut, in both fidelities, and when they are "
              "saved between a contact and its input") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const auto acts = [](Play& play) {
                play.act("{'kind': 'input', 'meter': 'gate', 'at': '1030 ms', 'for': '45 ms', "
                         "'every': '333 ms', 'times': 7}");
                play.act("{'kind': 'input', 'meter': 'gate', 'input': 2, 'state': 'open', "
                         "'at': '3990 ms'}");
            };
            Play whole{contacts, fidelity};
            acts(whole);
            whole.to(8s);
            const std::string expected = told(whole.farm);
            CHECK(std::count(expected.begin(), expected.end(), '\n') == 15);

            Play pieces{contacts, fidelity};
            acts(pieces);
            std::string seen;
            for (SimDuration at = 70ms; at <= 8s; at += 70ms) {
                pieces.to(at);
                seen += told(pieces.farm);
            }
            pieces.to(8s);
            CHECK(seen + told(pieces.farm) == expected);

            Play first{contacts, fidelity};
            acts(first);
            first.to(4010ms); // the second contact has opened at 3.99 s, the meter knows from 4.0 s
            std::string before = told(first.farm);
            const Bytes saved = first.actions.save();
            Play second{contacts, fidelity};
            second.actions.restore(saved);
            second.to(8s);
            CHECK(before + told(second.farm) == expected);
        }
    }

    TEST_CASE("An input that is not there is told where it is written") {
        Play play{contacts};
        CHECK(
            play.mistakes_of("{'kind': 'input', 'meter': 'gate', 'input': 3}") ==
            "action/input: a circuit of gate has 2 inputs; write input = 2, or name the circuit\n");
        CHECK(play.mistakes_of("{'kind': 'input', 'meter': 'feeders', 'input': 2}") ==
              "action/input: a circuit of feeders has 1 input; write input = 1, or name the "
              "circuit\n");
        CHECK(play.mistakes_of("{'kind': 'input', 'meter': 'gate', 'state': 'shut'}")
                  .starts_with("action/state: "));
        const auto mistakes = [](const std::string& keys) {
            return test::mistakes_of("[supply.s]\n[[meter]]\nname = \"m\"\n" + keys);
        };
        CHECK(mistakes("model = \"kpm53\"\ninputs_closed = [0, 3]\n") ==
              "f.toml:5:18: an input of inputs_closed is not there; write whole numbers from 1 to "
              "2\nf.toml:5:21: an input of inputs_closed is not there; write whole numbers from 1 "
              "to 2");
        CHECK(mistakes("model = \"kpm33b\"\ninputs_closed = [1]\n") ==
              "f.toml:5:17: a kpm33b has no inputs; leave inputs_closed out");
        CHECK(mistakes("model = \"kpm312\"\noptions = \"1A-Wi\"\ninputs_closed = [1]\n") ==
              "f.toml:6:17: these options have no inputs; add -K to options, or leave "
              "inputs_closed out");
    }
}
