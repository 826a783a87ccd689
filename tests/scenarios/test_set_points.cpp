#include "play_rig.hpp"

#include <fmt/format.h>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;
using doctest::Approx;

TEST_SUITE("scenario") {
    TEST_CASE("A supply that was set to nothing comes back") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window})
            for (const char* none : {"'u': '0 V'", "'magnitude': ['0 %', '0 %', '0 %']",
                                     "'u': '0 V', 'edge': '2 s'", "'u': '0 V', 'for': '4 s'"}) {
                CAPTURE(name_of(fidelity));
                CAPTURE(none);
                Play play{"", fidelity};
                play.to(1s);
                play.act(fmt::format("{{'kind': 'set-supply', {}}}", none));
                play.to(5s);
                CHECK(play.get("heat", "u_a") == Approx(0));
                play.actions.end_all();
                play.to(10s);
                for (const char* u : {"u_a", "u_b", "u_c"})
                    CHECK(play.get("heat", u) == Approx(230).epsilon(1e-6));
                CHECK(play.get("heat", "p") == Approx(6000).epsilon(1e-4));
            }
    }

    TEST_CASE("Of a supply's set points the one that began last holds, and the others wait below") {
        Play play;
        const auto volts_at = [&](SimDuration at) {
            play.to(at);
            return play.get("heat", "u_a");
        };
        play.to(1s);
        const auto none = play.act("{'kind': 'set-supply', 'u': '0 V'}");
        const auto low = play.act("{'kind': 'set-supply', 'u': '115 V', 'f': '49 Hz'}");
        play.act("{'kind': 'set-supply', 'u': '240 V', 'for': '5 s'}");
        CHECK(volts_at(4s) == Approx(240).epsilon(1e-6));
        CHECK(play.get("heat", "f") == Approx(49).epsilon(1e-5));
        CHECK(volts_at(8s) == Approx(115).epsilon(1e-6));
        CHECK(play.actions.end(low));
        CHECK(volts_at(12s) == Approx(0));
        CHECK(play.actions.end(none));
        CHECK(volts_at(16s) == Approx(230).epsilon(1e-6));
        CHECK(play.get("heat", "f") == Approx(50).epsilon(1e-5));
    }

    TEST_CASE("A set point that is planned changes nothing before, nor when it is taken back") {
        Play play;
        play.to(1s);
        const auto later =
            play.act("{'kind': 'set-supply', 'u': '115 V', 'f': '48 Hz', 'at': '20 s'}");
        play.to(4s);
        CHECK(play.get("heat", "f") == Approx(50).epsilon(1e-5));
        play.act("{'kind': 'set-supply', 'f': '51 Hz'}");
        play.to(8s);
        CHECK(play.get("heat", "f") == Approx(51).epsilon(1e-5));
        play.to(25s);
        CHECK(play.get("heat", "f") == Approx(48).epsilon(1e-5));
        CHECK(play.get("heat", "u_a") == Approx(115).epsilon(1e-6));
        CHECK(play.actions.end(later));
        play.to(30s);
        CHECK(play.get("heat", "f") == Approx(51).epsilon(1e-5));
        const auto never = play.act("{'kind': 'set-supply', 'f': '45 Hz', 'at': '60 s'}");
        CHECK(play.actions.end(never));
        play.actions.end_all();
        play.to(70s);
        CHECK(play.get("heat", "f") == Approx(50).epsilon(1e-5));
    }

    TEST_CASE("A supply that is written with 0 V has no voltage that could be set") {
        static const TypeLibrary library = TypeLibrary::builtin();
        Farm farm{parse_farm("[supply.dead]\nu = \"0 V\"\n[[meter]]\nname = \"m\"\n"
                             "model = \"kpm37\"\n",
                             "dead.toml", library),
                  1};
        Actions actions{farm};
        std::vector<Mistake> mistakes;
        CHECK_FALSE(actions.start(
            parse_json(R"({"kind": "set-supply", "u": "230 V"})", "action", mistakes), mistakes));
        REQUIRE(mistakes.size() == 1);
        const std::string why = to_text(mistakes.front());
        CHECK(why.find("supply dead is written with 0 V") != std::string::npos);
    }
}
