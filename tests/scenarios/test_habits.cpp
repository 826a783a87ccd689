#include "play_rig.hpp"

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

std::string upload(const std::string& habits) {
    return R"(
[[meter]]
name = "wired"
model = "kpm33b"
load = "heat"
mqtt = true
)" + habits;
}

/// Seconds at which energies were sent up to then, and the stamps in them.
std::string energies(Play& play, SimDuration until) {
    std::string all;
    play.to(until);
    for (const Message& message : play.farm.take_messages())
        if (message.topic == "MQTT_ENY_NOW") {
            const std::size_t at = message.payload.find("\"time\"") + 8;
            all += std::to_string(message.at.time_since_epoch() / 1s) + ':' +
                   message.payload.substr(at + 8, 6) + ' ';
        }
    return all;
}

double total(const Message& message) {
    return std::stod(message.payload.substr(message.payload.find("zygsz") + 7));
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("A double upload comes a second later, with the same time, and is sampled anew") {
        Play play{upload("habits = [\"double-upload\"]\n"), Fidelity::window};
        play.to(302s);
        std::vector<Message> sent;
        for (Message& message : play.farm.take_messages())
            if (message.topic == "MQTT_ENY_NOW")
                sent.push_back(std::move(message));
        REQUIRE(sent.size() == 2);
        CHECK(sent[0].at == SimTime{} + 300s);
        CHECK(sent[1].at == SimTime{} + 301s);
        const auto stamp = [](const Message& message) {
            return message.payload.substr(message.payload.find("\"time\""));
        };
        CHECK(stamp(sent[0]) == stamp(sent[1]));
        // 6 kW for a second are 1.67 Wh; shown in whole ones, cut.
        CHECK(total(sent[1]) - total(sent[0]) > 0.0005);
        CHECK(total(sent[1]) - total(sent[0]) < 0.0025);
    }

    TEST_CASE("A habit is begun and ended by an action, and what the meter has stays") {
        Play play{upload("habits = [\"ghost-messages\"]\n"), Fidelity::window};
        energies(play, 10s);
        CHECK(energies(play, 310s) == "300:000500 300:000500 ");
        const auto id = play.act("{'kind': 'habit', 'meter': 'wired', 'habit': 'double-upload'}");
        play.act("{'kind': 'habit', 'meter': 'wired', 'habit': 'ghost-messages', 'for': '1 s'}");
        CHECK(energies(play, 610s) == "600:001000 600:001000 601:001000 601:001000 ");
        CHECK(play.actions.end(id));
        CHECK(energies(play, 910s) == "900:001500 900:001500 ");
    }

    TEST_CASE("A farm that was saved between the two uploads goes on with the second") {
        Play play{upload("habits = [\"double-upload\"]\n"), Fidelity::window};
        energies(play, 300s + 500ms);
        const Bytes saved = play.actions.save();
        Play other{upload("habits = [\"double-upload\"]\n"), Fidelity::window};
        other.actions.restore(saved);
        CHECK(energies(other, 302s) == "301:000500 ");
        CHECK(energies(play, 302s) == "301:000500 ");
    }

    TEST_CASE("A habit that no meter has is told") {
        CHECK(Play{}
                  .mistakes_of("{'kind': 'habit', 'meter': 'four', 'habit': 'lying'}")
                  .find("ghost-messages") != std::string::npos);
        std::string said;
        try {
            Play{upload("habits = [\"lying\"]\n")};
        } catch (const FileError& error) {
            said = error.what();
        }
        CHECK(said.find("no meter has a habit \"lying\"") != std::string::npos);
    }
}
