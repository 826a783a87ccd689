// Somebody at the keys of a meter, as an action: his entry is judged by the password that the meter has then.
#include "play_rig.hpp"
#include "scenario_rig.hpp"
#include "state_rig.hpp"

#include "scenarios/farm/keys_watch.hpp"
#include "scenarios/keep/replay.hpp"
#include "scenarios/keep/state_keeper.hpp"

#include <array>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::has;
using test::Play;

namespace {

constexpr std::array fidelities{Fidelity::sample, Fidelity::window};

std::string entry(int password, const std::string& point, double value, const std::string& more) {
    return "{'kind': 'keys', 'meter': 'shop-1', 'password': " + std::to_string(password) +
           ", 'point': '" + point + "', 'value': " + std::to_string(value) + more + "}";
}

/// What is said of entries up to then, a window at a time.
std::string said(Play& play, SimDuration from, SimDuration to) {
    std::string all;
    for (SimDuration at = from + 200ms; at <= to; at += 200ms) {
        play.to(at);
        for (const std::string& each : refused_at_keys(play.farm))
            all += each + '\n';
    }
    return all;
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("At the keys the right password writes at the next window, a wrong one nothing") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.act(entry(6666, "ct", 2, ", 'at': '2.05 s'"));
            play.act(entry(6665, "ct", 4, ", 'at': '4 s'"));
            play.to(2s);
            const double p = play.get("shop-1", "p");
            CHECK(play.get("shop-1", "ct") == 1);
            CHECK(said(play, 2s, 3s).empty());
            CHECK(play.get("shop-1", "ct") == 2);
            CHECK(play.get("shop-1", "p") == doctest::Approx(2 * p));
            CHECK(
                said(play, 3s, 6s) ==
                "2026-01-01T00:00:04 shop-1: ct = 4 was not written at its keys: that was not its "
                "password, and it is back on its measurements\n");
            CHECK(play.get("shop-1", "ct") == 2);
            CHECK(play.get("shop-2", "ct") == 1);
        }
    }

    TEST_CASE("A password changed at the keys holds for the next entry, also at the same moment") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.act(entry(6666, "password", 42, ", 'at': '1 s'"));
            play.act(entry(6666, "demand_minutes", 3, ", 'at': '1 s'"));
            play.act(entry(42, "demand_minutes", 7, ", 'at': '1 s'"));
            const std::string why = said(play, 0s, 2s);
            CHECK(has(why, "demand_minutes = 3 was not written"));
            CHECK(std::count(why.begin(), why.end(), '\n') == 1);
            CHECK(play.get("shop-1", "password") == 42);
            CHECK(play.get("shop-1", "demand_minutes") == 7);
            // A client on the wire changes it, too.
            REQUIRE(play.farm.meters()[1].circuits()[0].set("password", 9, Access::wire));
            play.act(entry(42, "demand_minutes", 8, ""));
            CHECK(has(said(play, 2s, 3s), "not its password"));
            play.act(entry(9, "demand_minutes", 9, ""));
            CHECK(said(play, 3s, 4s).empty());
            CHECK(play.get("shop-1", "demand_minutes") == 9);
            play.act("{'kind': 'factory-settings', 'meter': 'shop-1'}");
            play.to(5s);
            play.act(entry(6666, "demand_minutes", 4, ""));
            play.to(6s);
            CHECK(play.get("shop-1", "demand_minutes") == 4);
        }
    }

    TEST_CASE("A wrong entry leaves nothing in a meter, and keys without power do nothing") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            Play other{"", fidelity};
            play.act(entry(1, "ct", 4, ", 'at': '1 s'"));
            other.act(entry(2, "pt", 5, ", 'at': '1 s'"));
            play.to(2s);
            other.to(2s);
            test::check_same(play.seen(), other.seen());
            play.act("{'kind': 'power-off', 'meter': 'shop-1', 'for': '2 s'}");
            play.act(entry(6666, "ct", 4, ", 'at': '3 s'"));
            CHECK(has(said(play, 2s, 4s),
                      "shop-1: ct = 4 was not written at its keys: it has no power"));
            play.to(6s);
            CHECK(play.get("shop-1", "ct") == 1);
        }
    }

    TEST_CASE("At its keys a relay of an alarm stays with it, and one of commands moves") {
        Play play;
        REQUIRE(play.farm.meters()[1].circuits()[0].set("relay_alarm", 2, Access::wire));
        REQUIRE(play.farm.meters()[1].circuits()[0].set("relay_pulse", 0, Access::wire));
        play.to(1s);
        play.act(entry(6666, "relay_1", 1, ""));
        play.act(entry(6666, "relay_2", 1, ""));
        CHECK(has(said(play, 1s, 2s),
                  "relay_2 = 1 was not written at its keys: it moves that relay itself"));
        CHECK(play.get("shop-1", "relay_1") == 1);
        CHECK(play.get("shop-1", "relay_2") == 0);
    }

    TEST_CASE("What is set at the keys alone is set there: of one circuit, or of all") {
        Play play;
        play.act("{'kind': 'keys', 'meter': 'four', 'password': 6666, 'point': 'rated_current_a', "
                 "'value': 100, 'circuit': 2}");
        play.act("{'kind': 'keys', 'meter': 'four', 'password': 6666, 'point': 'ct', 'value': 3}");
        play.to(1s);
        for (int n = 0; n < 4; ++n) {
            CHECK(play.get("four", "rated_current_a", n) == (n == 1 ? 100 : 5));
            CHECK(play.get("four", "ct", n) == 3);
        }
    }

    TEST_CASE("It is the same however time is cut, and in a farm that was saved before it acted") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            const auto run = [&](SimDuration step, bool saved) {
                auto play = std::make_unique<Play>("", fidelity);
                play->act(entry(6666, "password", 77, ", 'at': '7.1 s'"));
                play->act(entry(77, "ct", 5, ", 'at': '33 s'"));
                play->act(entry(6666, "ct", 9, ", 'at': '50 s'"));
                for (SimDuration at{}; at < 1min;) {
                    at = std::min<SimDuration>(1min, at + step);
                    play->to(at);
                    if (!saved)
                        continue;
                    const Bytes bytes = play->actions.save();
                    play = std::make_unique<Play>("", fidelity);
                    play->actions.restore(bytes);
                }
                CHECK(play->get("shop-1", "password") == 77);
                CHECK(play->get("shop-1", "ct") == 5);
                return play->seen();
            };
            const test::Seen once = run(1min, false);
            test::check_same(once, run(1700ms, false));
            test::check_same(once, run(9s, true));
        }
    }

    TEST_CASE(
        "What is written at the keys is done again from the journal, and its password holds") {
        const test::Folder folder;
        Bytes before;
        {
            Play play;
            StateStore store{folder.path()};
            store.read();
            store.begin(test::ours, {play.actions.save(), {}, 0}, 0);
            StateKeeper keeper{play.farm, play.actions, store, 1min, {}};
            Meter& shop = play.farm.meters()[1];
            const auto write = [&](const std::string& point, double value, int entered) {
                return shop.set_at_keys({{*shop.type().points.find(point), 0, value}}, entered);
            };
            REQUIRE(write("password", 42, 6666));
            CHECK(write("ct", 9, 6666).error() == Refusal::not_authorised);
            REQUIRE(write("ct", 3, 42));
            play.act(entry(42, "demand_minutes", 8, ", 'at': '1 s'"));
            play.act(entry(6666, "demand_minutes", 9, ", 'at': '1 s'"));
            play.to(2s);
            REQUIRE(keeper.show(SimTime{2s}, 0));
            before = play.actions.save();
        }
        StateStore store{folder.path()};
        const auto kept = store.read();
        REQUIRE(kept);
        CHECK(kept->since.size() == 4); // of the wrong entry by the API nothing
        Play again;
        again.actions.restore(kept->checkpoint);
        replay(again.farm, again.actions, kept->since, kept->moments);
        CHECK((again.actions.save() == before));
        CHECK(again.get("shop-1", "password") == 42);
        CHECK(again.get("shop-1", "ct") == 3);
        CHECK(again.get("shop-1", "demand_minutes") == 8);
        Meter& shop = again.farm.meters()[1];
        const Assignment what{*shop.type().points.find("ct"), 0, 1};
        CHECK(shop.set_at_keys({what}, 6666).error() == Refusal::not_authorised);
        CHECK(shop.set_at_keys({what}, 42));
    }

    TEST_CASE("A scenario goes on after a wrong entry, and its verdict tells of it") {
        const Verdict verdict =
            test::played("[[do]]\nkind = \"keys\"\nmeter = \"main\"\npassword = 1111\npoint = "
                         "\"pt\"\nvalue = 2\n"
                         "at = \"2 s\"\n"
                         "[[do]]\nkind = \"keys\"\nmeter = \"main\"\npassword = 6666\npoint = "
                         "\"pt\"\nvalue = 3\n"
                         "at = \"4 s\"\n"
                         "[[expect]]\nwhat = \"main.pt\"\nis = 1\nat = \"3 s\"\n"
                         "[[expect]]\nwhat = \"main.pt\"\nis = 3\nat = \"5 s\"\n");
        CHECK(verdict.outcome() == Verdict::Outcome::passed);
        REQUIRE(verdict.remarks.size() == 1);
        CHECK(has(verdict.remarks[0], "T00:00:02 main: pt = 2 was not written at its keys"));
        CHECK_FALSE(has(verdict.remarks[0], "6666"));
        CHECK_FALSE(has(verdict.remarks[0], "1111"));
    }

    TEST_CASE(
        "What cannot be entered or written at the keys is a mistake of the file, with its cure") {
        struct Row {
            std::string keys;
            const char* place;
            const char* says;
        };
        const std::string whom = "kind = \"keys\"\nmeter = \"main\"\n";
        for (const Row& row : std::initializer_list<Row>{
                 {"password = 6666\npoint = \"demand_minute\"\nvalue = 3\n",
                  "s.toml:16:9: ", "did you mean demand_minutes?"},
                 {"password = 6666\npoint = \"u_a\"\nvalue = 3\n",
                  "s.toml:16:9: ", "u_a cannot be written; write a setting"},
                 {"password = 6666\npoint = \"demand_minutes\"\nvalue = 121\n",
                  "s.toml:17:9: ", "takes no 121; write a whole number from 0 to 120"},
                 {"password = 6666\npoint = \"demand_minutes\"\nvalue = 2.5\n",
                  "s.toml:17:9: ", "takes no 2.5; write a whole number from 0 to 120"},
                 {"password = 6666\npoint = \"rated_current_a\"\nvalue = 2\n",
                  "s.toml:17:9: ", "write one of 1, 5, 10"},
                 {"password = 6666\npoint = \"clear_energy\"\nvalue = 2\n",
                  "s.toml:17:9: ", "takes no 2"},
                 {"password = 10000\npoint = \"pt\"\nvalue = 2\n", "s.toml:15:12: ", "0 to 9999"},
                 {"password = -1\npoint = \"pt\"\nvalue = 2\n", "s.toml:15:12: ", "0 to 9999"},
                 {"password = \"6666\"\npoint = \"pt\"\nvalue = 2\n", "s.toml:15:12: ", "password"},
                 {"point = \"pt\"\nvalue = 2\n", "s.toml:", "password = 6666"},
             }) {
            CAPTURE(row.keys);
            const std::string why = test::mistakes_in("[[do]]\n" + whom + row.keys);
            CAPTURE(why);
            CHECK(has(why, row.says));
            CHECK(has(why, row.place));
            CHECK(std::count(why.begin(), why.end(), '\n') == 1);
        }
    }
}
