#include "play_rig.hpp"

#include "scenarios/play/wiring_signs.hpp"

#include <fmt/format.h>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;
using doctest::Approx;

TEST_SUITE("scenario") {
    TEST_CASE("Wiring faults show in the readings as the reference page says") {
        for (const WiringSign& sign : wiring_signs()) {
            CAPTURE(sign.kind);
            CAPTURE(sign.parameters);
            CAPTURE(sign.point);
            Play play{"[load.uneven]\nkind = \"resistive\"\np_a = \"1 kW\"\np_b = \"2 kW\"\n"
                      "p_c = \"3 kW\"\n[[meter]]\nname = \"uneven\"\nmodel = \"kpm37\"\n"
                      "load = \"uneven\"\n"};
            const std::string meter = sign.uneven ? "uneven" : "shop-1";
            const auto shows = [&](double value) {
                CHECK(play.get(meter, std::string{sign.point}) ==
                      Approx(value).epsilon(2e-4).scale(1));
            };
            play.to(2s);
            shows(sign.before);
            const std::string with = sign.parameters.empty() ? "" : ", ";
            play.act(fmt::format(R"({{"kind": "{}", "meter": "{}"{}{}}})", sign.kind, meter, with,
                                 sign.parameters));
            play.to(5s);
            shows(sign.then);
            play.actions.end_all();
            play.to(8s);
            shows(sign.before);
        }
    }

    TEST_CASE("Around a lost neutral no load runs away, and one alone has nothing") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"[load.single]\np = \"3 kW\"\nphase = \"a\"\n[load.lamps]\nkind = \"led\"\n"
                      "p_a = \"600 W\"\np_b = \"200 W\"\np_c = \"3 kW\"\n[[meter]]\n"
                      "name = \"single\"\nmodel = \"kpm37\"\nload = \"single\"\n[[meter]]\n"
                      "name = \"lamps\"\nmodel = \"kpm37\"\nload = \"lamps\"\n",
                      fidelity};
            play.to(1s);
            play.act("{'kind': 'neutral-lost', 'meter': ['single', 'lamps']}");
            play.to(4s);
            CHECK(play.get("single", "u_a") == Approx(0).scale(1e-3));
            CHECK(play.get("single", "i_a") == Approx(0).scale(1e-3));
            CHECK(play.get("single", "u_b") == Approx(230 * std::sqrt(3.0)).epsilon(1e-5));
            for (const char* u : {"u_a", "u_b", "u_c"})
                CHECK(play.get("lamps", u) < 450);
            CHECK(play.farm.truth(5, 0).readings[Slot::i_zero] < 1e-6);
        }
    }
}
