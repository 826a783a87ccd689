// A prepayment meter in a farm: the same in both fidelities, however time is cut.
#include "play_rig.hpp"

#include "sim/random.hpp"

#include <fmt/format.h>

#include <cmath>

using namespace kpmsim;
using namespace std::chrono_literals;
using doctest::Approx;
using test::Play;

namespace {

/// 6 kW behind it: 100 Wh a minute.
std::string flat(const std::string& settings) {
    return fmt::format("[[meter]]\nname = \"flat\"\nmodel = \"kpm33b\"\nload = \"heat\"\n"
                       "settings = {{ {} }}\n"
                       "[[meter]]\nname = \"house\"\nmodel = \"kpm53\"\nct = \"100/5 A\"\n"
                       "sum_of = [\"flat\", \"shop-1\"]\n",
                       settings);
}

constexpr double window_kwh = 6 * 0.2 / 3600;

double opened_after(Play& play, SimDuration most) {
    for (SimDuration at = 200ms; at <= most; at += 200ms) {
        play.to(at);
        if (play.get("flat", "relay_1") == 0)
            return std::chrono::duration<double>(at).count();
    }
    return 0;
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE(
        "The relay opens at the boundary at which the balance is used up, in both fidelities") {
        std::vector<double> moments;
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{flat("control_mode = 0xDD11, prepaid_energy = 0.25"), fidelity};
            moments.push_back(opened_after(play, 160s));
            play.to(10min);
            CHECK(play.get("flat", "e_p_import") >= 0.25);
            CHECK(play.get("flat", "e_p_import") < 0.25 + window_kwh);
            CHECK(play.get("flat", "prepaid_energy") ==
                  Approx(0.25 - play.get("flat", "e_p_import")).epsilon(1e-9));
            CHECK(play.get("flat", "p") == Approx(0).epsilon(1e-3));
            CHECK(play.get("flat", "u_a") == Approx(230).epsilon(1e-3));
            CHECK(play.get("house", "p") == Approx(play.get("shop-1", "p")).epsilon(1e-3));
        }
        CHECK(moments[0] >= 150); // 100 Wh a minute
        CHECK(moments[0] < 150.5);
        CHECK(moments[0] == moments[1]);
    }

    TEST_CASE("What is paid late closes it again; the whole is the same however time is cut") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const std::string meters =
                flat("control_mode = 0xDD11, prepaid_energy = 0.13, overdraft = 0.01, "
                     "load_threshold = 3, load_control_s = 7");
            const std::vector<test::Told> commands{
                {SimTime{150s}, 4, "prepaid_energy", 0.2},
                {SimTime{200s}, 4, "forced_switching_minutes", 1},
                {SimTime{200s}, 4, "forced_switching", double(forced_open)},
                {SimTime{330s}, 4, "load_threshold", 1},
                {SimTime{400s}, 4, "load_threshold", 5},
            };
            const auto run = [&](auto next, bool saved) {
                auto play = std::make_unique<Play>(meters, fidelity, saved ? 2 : 1);
                for (const test::Told& each : commands)
                    REQUIRE(play->farm.schedule(
                        each.meter, each.at, {{test::point_of(play->farm, each), 0, each.value}}));
                for (SimDuration at{}; at < 10min;) {
                    at = std::min<SimDuration>(10min, at + next());
                    play->to(at);
                    if (saved) {
                        const Bytes bytes = play->actions.save();
                        play = std::make_unique<Play>(meters, fidelity);
                        play->actions.restore(bytes);
                    }
                }
                return play;
            };
            const auto once = run([] { return SimDuration{10min}; }, false);
            CHECK(once->get("flat", "e_p_import") > 0.2);
            CHECK(once->get("flat", "relay_1") == 0);
            const Random random{3, "steps"};
            std::uint64_t n = 0;
            const auto any = [&] {
                return SimDuration{static_cast<std::int64_t>(random.uniform(n++) * 2e10) + 1};
            };
            for (const bool saved : {false, true}) {
                CAPTURE(saved);
                const auto cut = run(any, saved);
                test::check_same(once->seen(), cut->seen());
                CHECK(once->get("flat", "prepaid_energy") == cut->get("flat", "prepaid_energy"));
            }
        }
    }

    TEST_CASE("Load control opens and closes at the same windows in both fidelities") {
        const auto moves = [](Fidelity fidelity, std::string_view act) {
            Play play{flat("control_mode = 0xDD11, prepaid_energy = 100, load_threshold = 1, "
                           "load_control_s = 10"),
                      fidelity};
            if (!act.empty())
                play.act(std::string{act});
            std::string all;
            for (SimDuration at = 200ms; at <= 95s; at += 200ms) {
                play.to(at);
                all += play.get("flat", "relay_1") == 1 ? '1' : '0';
            }
            return all;
        };
        for (const std::string_view act :
             {"", "{'kind': 'load-set', 'load': 'heat', 'p': '1.5 kW', 'for': '20 s'}",
              "{'kind': 'load-set', 'load': 'heat', 'p': '1.5 kW', 'at': '35300 ms'}"}) {
            CAPTURE(act);
            const std::string samples = moves(Fidelity::sample, act);
            CHECK(samples.find('0') != std::string::npos);
            CHECK(samples == moves(Fidelity::window, act));
        }
    }

    TEST_CASE("A balance outlives a power cut, and what is not drawn is not taken") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{flat("control_mode = 0xDD11, prepaid_energy = 1"), fidelity};
            play.act("{'kind': 'power-off', 'meter': 'flat', 'at': '60 s', 'for': '60 s'}");
            play.to(60s);
            const double before = play.get("flat", "prepaid_energy");
            CHECK(before == Approx(0.9).epsilon(1e-3));
            play.to(120s);
            CHECK(play.get("flat", "prepaid_energy") == before);
            play.to(180s);
            CHECK(play.get("flat", "prepaid_energy") == Approx(0.8).epsilon(2e-3));
            CHECK(play.get("flat", "relay_1") == 1);
        }
    }
}
