#include "play_rig.hpp"

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

using doctest::Approx;

bool powered(Play& play, std::size_t meter) { return play.farm.meters()[meter].powered(); }

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("Power is there when no cut holds, whichever ends first") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.to(1s);
            play.act("{'kind': 'power-off', 'meter': 'heat', 'for': '10 s'}");
            play.to(3s);
            const auto second = play.act("{'kind': 'power-off', 'meter': 'heat', 'for': '20 s'}");
            play.act("{'kind': 'reboot', 'tag': 'cellar', 'takes': '2 s'}");
            for (const SimDuration at : {4s, 8s, 13s, 20s}) {
                play.to(at);
                CHECK_FALSE(powered(play, 0));
            }
            CHECK(play.actions.end(second));
            play.to(21s);
            CHECK(powered(play, 0));
            const auto first = play.act("{'kind': 'power-off', 'meter': 'heat'}");
            const auto other = play.act("{'kind': 'power-off', 'meter': 'heat'}");
            play.to(22s);
            CHECK(play.actions.end(first));
            play.to(23s);
            CHECK_FALSE(powered(play, 0));
            CHECK(play.actions.end(other));
            play.to(24s);
            CHECK(powered(play, 0));
        }
    }

    TEST_CASE(
        "Of a command to a relay and a loss of supply at one moment the loss holds, whichever "
        "was first") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window})
            for (const char* const away : {"{'kind': 'power-off', 'for': '2 s', 'model': '*'}",
                                           "{'kind': 'reboot', 'takes': '2 s', 'model': '*'}"})
                for (const bool command_first : {true, false}) {
                    CAPTURE(name_of(fidelity));
                    CAPTURE(away);
                    CAPTURE(command_first);
                    Play play{"", fidelity};
                    play.to(1s);
                    const auto tell = [&] {
                        for (Meter& meter : play.farm.meters())
                            REQUIRE(meter.circuits()[0].set("relay_1", 1, Access::wire));
                    };
                    if (command_first)
                        tell();
                    play.act(away);
                    if (!command_first)
                        tell();
                    for (const SimDuration at : {2s, 5s}) {
                        play.to(at);
                        for (const char* const meter : {"heat", "shop-1", "four"})
                            CHECK(play.get(meter, "relay_1") == 0);
                    }
                    CHECK(powered(play, 0));
                }
    }

    TEST_CASE(
        "Of two that say what a meter shows the later one holds, and the other when that ends") {
        Play play;
        play.to(1s);
        const auto low = play.act("{'kind': 'point-stuck', 'meter': 'heat', 'point': 'u_a', "
                                  "'value': 100}");
        const auto high = play.act("{'kind': 'point-stuck', 'meter': 'heat', 'point': 'u_a', "
                                   "'value': 300}");
        const auto one = play.act("{'kind': 'meter-swap', 'meter': 'four', 'serial': "
                                  "'31212257C0336'}");
        play.to(2s);
        const auto two = play.act("{'kind': 'meter-swap', 'meter': 'four', 'serial': "
                                  "'31212257C0346'}");
        play.to(3s);
        const auto serial = [&] { return play.farm.meters()[3].circuits()[0].serial(); };
        CHECK(play.get("heat", "u_a") == 300);
        CHECK(serial() == "31212257C0346");
        const double counted = play.get("four", "e_p_import");
        CHECK(play.actions.end(low));
        CHECK(play.actions.end(one));
        play.to(4s);
        CHECK(play.get("heat", "u_a") == 300);
        CHECK(serial() == "31212257C0346");
        CHECK(play.get("four", "e_p_import") > counted); // it is still the same unit
        CHECK(play.actions.end(high));
        CHECK(play.actions.end(two));
        play.to(4200ms);
        CHECK(play.get("heat", "u_a") == Approx(230).epsilon(1e-6));
        CHECK(serial() != "31212257C0346");
        CHECK(serial() != "31212257C0336");
        CHECK(play.get("four", "e_p_import") < counted / 2);
    }

    TEST_CASE("Wiring and loads that were changed twice are right again when both have ended") {
        Play play;
        play.to(1s);
        const auto a = play.act("{'kind': 'ct-reversed', 'meter': 'shop-1', 'phase': 'b'}");
        const auto b = play.act("{'kind': 'ct-reversed', 'meter': 'shop-1', 'phase': 'b'}");
        play.act("{'kind': 'load-scale', 'meter': 'shop-1', 'by': '200 %', 'for': '4 s'}");
        play.act("{'kind': 'load-scale', 'meter': 'shop-1', 'by': '50 %', 'for': '2 s'}");
        play.to(2s);
        CHECK(play.get("shop-1", "p_b") == Approx(1000).epsilon(1e-4));
        play.actions.end(a);
        play.to(4s);
        CHECK(play.get("shop-1", "p_b") == Approx(-2000).epsilon(1e-4));
        play.actions.end(b);
        play.to(6s);
        CHECK(play.get("shop-1", "p_b") == Approx(1000).epsilon(1e-4));
    }

    TEST_CASE("every and times hold for all kinds alike") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.to(1s);
            play.act(
                "{'kind': 'power-off', 'meter': 'heat', 'for': '1 s', 'every': '4 s', 'times': 3}");
            play.act("{'kind': 'ct-open', 'meter': 'shop-1', 'phase': 'a', 'for': '1 s', 'every': "
                     "'4 s', 'times': 3}");
            play.act("{'kind': 'load-off', 'meter': 'shop-2', 'for': '1 s', 'every': '4 s', "
                     "'times': 3}");
            play.act("{'kind': 'clock-jump', 'meter': 'shop-2', 'by': '10 s', 'every': '4 s', "
                     "'times': 3}");
            play.act(
                "{'kind': 'interruption', 'for': '200 ms', 'at': '3 s', 'every': '4 s', 'times': "
                "3}");
            const auto set = play.act("{'kind': 'set-supply', 'u': '200 V', 'at': '14 s', 'for': "
                                      "'1 s', 'every': '2 s', 'times': 2}");
            CHECK(play.actions.find(1)->until == SimTime{10s});
            CHECK(play.actions.find(4)->until == SimTime{9s});
            for (int n = 0; n < 3; ++n) {
                const SimDuration at = 1s + n * 4s;
                play.to(at + 800ms);
                CHECK_FALSE(powered(play, 0));
                CHECK(play.get("shop-1", "i_a") == Approx(0));
                CHECK(play.get("shop-2", "p") == Approx(0));
                CHECK(play.farm.meters()[2].rtc() - play.farm.site_time() == (n + 1) * 10s);
                play.to(at + 2200ms);
                CHECK(play.get("shop-1", "u_a") < 1);
                play.to(at + 3s);
                CHECK(powered(play, 0));
                CHECK(play.get("shop-1", "i_a") > 1);
                CHECK(play.get("shop-2", "p") == Approx(3000).epsilon(1e-4));
            }
            play.to(14800ms);
            CHECK(play.get("shop-1", "u_a") == Approx(200).epsilon(1e-5));
            CHECK(play.actions.end(set));
            play.to(16800ms);
            CHECK(play.get("shop-1", "u_a") == Approx(230).epsilon(1e-5));
        }
        Play play;
        CHECK(play.mistakes_of("{'kind': 'ct-open', 'meter': 'heat', 'phase': 'a', 'every': '2 s', "
                               "'times': 2}") ==
              "action/every: what stays for good cannot happen again; add for\n");
        CHECK(
            play.mistakes_of("{'kind': 'load-off', 'meter': 'heat', 'for': '3 s', 'every': '2 s', "
                             "'times': 2}")
                .starts_with("action/every: the next one begins before this one is over"));
        CHECK(play.mistakes_of("{'kind': 'reboot', 'meter': 'heat', 'every': '2 s', 'times': 5}")
                  .starts_with("action/every: the next one begins before this one is over"));
        CHECK(play.mistakes_of("{'kind': 'clock-jump', 'meter': 'heat', 'by': '1 s', 'times': 1}")
                  .starts_with("action/times: "));
    }
}
