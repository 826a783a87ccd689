// Commands over MQTT that an action has a platform publish, answered in simulated time.
#include "play_rig.hpp"

#include <fmt/format.h>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::Play;

namespace {

constexpr std::string_view uploading = R"(
[[meter]]
name = "flat"
model = "kpm33b"
serial = "33B1225950027"
load = "heat"
mqtt = "embedded"
[[meter]]
name = "hall"
model = "kpm312"
serial = "31212257C0336"
options = "1A2A3A4A-R-Wi"
loads = ["shop", "shop", "none", "none"]
mqtt = "embedded"
)";

/// An action with an oprid of 32 characters; `keys` as "'Cmd': '0000'", with ~ for ".
std::string command(const std::string& meter, const std::string& name, const std::string& keys,
                    const std::string& more) {
    return fmt::format("{{'kind': 'mqtt-command', 'meter': '{}', 'command': '{}', 'payload': "
                       "'{{\\'oprid\\':\\'0123456789abcdef0123456789abcdef\\'{}}}'{}}}",
                       meter, name, keys, more);
}

std::string answers(Farm& farm) {
    std::string all;
    for (const Message& message : farm.take_messages())
        if (message.topic.ends_with("_REP") || message.topic.ends_with("REPLY"))
            all += fmt::format("{} {} {}\n", message.at.time_since_epoch() / 1ms, message.topic,
                               message.payload);
    return all;
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE(
        "A command that a platform publishes acts and is answered at the next window boundary") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{uploading, fidelity};
            play.act(command("flat", "TELECTRL", ",\\'do1\\':\\'0\\'", ", 'at': '2.05 s'"));
            play.to(2s);
            CHECK(play.get("flat", "relay_1") == 1);
            CHECK(play.get("flat", "p") > 5900);
            play.to(3s);
            CHECK(play.get("flat", "relay_1") == 0);
            CHECK(play.get("flat", "p") < 1);
            CHECK(answers(play.farm) ==
                  "2200 MQTT_TELECTRL_REP {\"id\":\"33B1225950027\",\"oprid\":"
                  "\"0123456789abcdef0123456789abcdef\",\"do1\":\"0\",\"code\":\"01\",\"msg\":\"\"}"
                  "\n");
        }
    }

    TEST_CASE(
        "Each circuit hears what is for it; a meter without power, and another's topic, nobody") {
        Play play{uploading};
        play.act(command("hall", "TELECTRL", ",\\'do1\\':\\'1\\'", ", 'circuit': 3, 'at': '1 s'"));
        play.to(2s);
        for (int n = 0; n < 4; ++n)
            CHECK(play.get("hall", "relay_1", n) == (n == 2));
        CHECK(answers(play.farm).find("31212257C0338") != std::string::npos);
        play.act(
            command("hall", "TELECTRL", ",\\'do1\\':\\'1\\'", ", 'circuit': 1, 'to': '25999999'"));
        play.act("{'kind': 'power-off', 'meter': 'flat', 'for': '2 s'}");
        play.act(command("flat", "SETTIME", ",\\'time\\':\\'20260301120000\\'", ", 'at': '3 s'"));
        play.to(6s);
        CHECK(answers(play.farm) == "");
        CHECK(play.get("hall", "relay_1", 0) == 0);
    }

    TEST_CASE("It is the same however time is cut, and in a farm that was saved before it acted") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const auto run = [&](SimDuration step, bool saved) {
                auto play = std::make_unique<Play>(uploading, fidelity);
                play->act(command("flat", "SYS_CFG",
                                  ",\\'addr\\':\\'000E\\',\\'value\\':\\'5\\',"
                                  "\\'type\\':\\'2\\'",
                                  ", 'at': '7.1 s'"));
                play->act(command("flat", "RECONFIG", "", ", 'at': '33 s'"));
                play->act("{'kind': 'mqtt-command', 'meter': 'flat', 'command': 'SET', 'payload': "
                          "'{\\'info\\':\\'10.0.0.8;1883;a;b;;;;;\\'}', 'at': '95 s'}");
                std::string heard;
                test::Seen seen;
                for (SimDuration at{}; at < 2min;) {
                    at = std::min<SimDuration>(2min, at + step);
                    play->to(at);
                    if (saved) {
                        const Bytes bytes = play->actions.save();
                        play = std::make_unique<Play>(uploading, fidelity);
                        play->actions.restore(bytes);
                    }
                    test::take(play->farm, seen);
                }
                test::look(play->farm, seen);
                return seen;
            };
            const test::Seen once = run(2min, false);
            std::string all;
            for (const std::string& one : once.messages)
                all += one + '\n';
            CHECK(all.find("MQTT_SYS_SET_REP") != std::string::npos);
            CHECK(all.find("MQTT_RECONFIG_REPLY") != std::string::npos);
            CHECK(all.find("\"status\":\"ok\"") != std::string::npos);
            // Between the two it sends no packets.
            CHECK(all.find("MQTT_RT_DATA {\"id\":\"33B1225950027\"") != std::string::npos);
            CHECK(all.find("20260101000100\",\"isend\":\"1\"}\n") != std::string::npos); // the hall
            for (const std::string& one : once.messages)
                if (one.find("33B1225950027") != std::string::npos)
                    CHECK_MESSAGE(one.find("\"time\":\"202601010001") == std::string::npos, one);
            test::check_same(once, run(1700ms, false));
            test::check_same(once, run(9s, true));
        }
    }

    TEST_CASE("A payload is a text, or the object that it says, and acts the same") {
        Play text{uploading};
        text.act(command("flat", "TELECTRL", ",\\'do1\\':\\'0\\'", ""));
        text.to(1s);
        Play object{uploading};
        object.act("{'kind': 'mqtt-command', 'meter': 'flat', 'command': 'TELECTRL', 'payload': "
                   "{'oprid': '0123456789abcdef0123456789abcdef', 'do1': '0'}}");
        object.to(1s);
        const std::string answer = answers(text.farm);
        CHECK(answer.find("\"code\":\"01\"") != std::string::npos);
        CHECK(answers(object.farm) == answer);
        CHECK(object.get("flat", "relay_1") == 0);
        // What is saved reads back.
        Play again{uploading};
        again.actions.restore(object.actions.save());
        CHECK(again.actions.all().size() == object.actions.all().size());
    }

    TEST_CASE("A meter that was sent to a platform comes back by SET, and by factory settings") {
        for (const bool factory : {false, true}) {
            CAPTURE(factory);
            Play play{uploading};
            const auto broker = [&] {
                for (const Meter& one : play.farm.meters())
                    if (one.spec().name == "flat")
                        return one.image().memory.broker;
                return BrokerSetting{};
            };
            play.act(command("flat", "RECONFIG", "", ""));
            play.to(1s);
            CHECK(broker().debug);
            if (factory)
                play.act("{'kind': 'factory-settings', 'meter': 'flat'}");
            else
                play.act("{'kind': 'mqtt-command', 'meter': 'flat', 'command': 'SET', 'payload': "
                         "{'info': '10.0.0.8;1883;a;b;;;;;'}}");
            play.to(2s);
            CHECK_FALSE(broker().debug);
            CHECK(broker().info == (factory ? "" : "10.0.0.8;1883;a;b;;;;;"));
        }
    }

    TEST_CASE("What no platform could publish is told") {
        Play play{uploading};
        CHECK(
            play.mistakes_of("{'kind': 'mqtt-command', 'meter': 'shop-1', 'command': 'RECONFIG', "
                             "'payload': '{}'}") ==
            "action/meter: no selected meter sends messages to a broker; write mqtt = true in its "
            "[[meter]]\n");
        CHECK(play.mistakes_of("{'kind': 'mqtt-command', 'meter': 'flat', 'command': 'SWITCH', "
                               "'payload': '{}'}")
                  .find("TELECTRL") != std::string::npos);
        CHECK(play.mistakes_of("{'kind': 'mqtt-command', 'meter': 'flat', 'command': 'SET'}")
                  .find("payload") != std::string::npos);
        CHECK(play.mistakes_of("{'kind': 'mqtt-disconnect', 'meter': 'hall', 'circuit': 2}")
                  .find("is of the whole meter") != std::string::npos);
    }
}
