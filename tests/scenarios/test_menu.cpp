// Settings that change what a meter makes of its terminals, its supply's voltage, and outputs, in a farm.
#include "farms.hpp"
#include "play_rig.hpp"

#include "models/type/serial.hpp"
#include "scenarios/farm/overload_watch.hpp"
#include "scenarios/play/farm_witness.hpp"

#include <array>
#include <cmath>

using namespace kpmsim;
using namespace std::chrono_literals;
using doctest::Approx;
using test::Play;

namespace {

constexpr std::size_t heat = 0, shop = 1; // places in the stage's farm
constexpr std::array fidelities{Fidelity::sample, Fidelity::window};

/// A client writes a point.
void write(Play& play, std::size_t meter, const std::string& point, double value) {
    REQUIRE(play.farm.meters()[meter].circuits()[0].set(point, value, Access::wire));
}

const std::string top = "[supply.main]\n[[meter]]\nname = \"m\"\n";

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("LinE turns the current of a phase round in the readings, not in the truth") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.to(2s);
            const double p_a = play.get("shop-1", "p_a"), q_c = play.get("shop-1", "q_c");
            CHECK(p_a > 900);
            write(play, shop, "direction", 5); // a and c
            play.to(4s);
            CHECK(play.get("shop-1", "p_a") == Approx(-p_a));
            CHECK(play.get("shop-1", "p_b") == Approx(p_a));
            CHECK(play.get("shop-1", "q_c") == Approx(-q_c));
            CHECK(play.get("shop-1", "p") == Approx(-p_a));
            CHECK(play.get("shop-1", "i_a") == Approx(play.get("shop-1", "i_b")));
            CHECK(play.get("shop-1", "pf_a") == Approx(-0.9).epsilon(1e-4));
            const double turned = play.get("shop-1", "angle_i_a") - play.get("shop-2", "angle_i_a");
            CHECK(std::abs(turned) == Approx(180).epsilon(1e-6));
            CHECK(play.farm.truth(shop, 0).readings[Slot::p_a] == Approx(p_a));
            play.to(30min);
            CHECK(play.get("shop-1", "e_p_export_a") == Approx(0.5 * p_a / 1000).epsilon(3e-3));
            CHECK(play.get("shop-1", "e_p_import_b") == Approx(0.5 * p_a / 1000).epsilon(3e-3));
            write(play, shop, "direction", 0);
            play.to(30min + 1s);
            CHECK(play.get("shop-1", "p_a") == Approx(p_a));
        }
    }

    TEST_CASE("A wiring that is written holds from the next window: star read as delta") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.to(10s);
            CHECK(play.get("shop-1", "u_a") == Approx(230));
            CHECK(play.get("shop-1", "p") == Approx(3000));
            write(play, shop, "wiring", 1); // P3L3
            play.to(10s + 600ms);
            // Its channels hold Ua, Ub, Uc against N; it takes the first and the last for Uab and Ucb.
            CHECK(play.get("shop-1", "u_ab") == Approx(230));
            CHECK(play.get("shop-1", "u_bc") == Approx(230));
            CHECK(play.get("shop-1", "u_ca") == Approx(230 * std::sqrt(3.0)));
            CHECK(play.get("shop-1", "u_a") == 0);
            CHECK(play.get("shop-1", "p") == Approx(2000)); // of phases a and c
            CHECK(play.get("shop-1", "i_b") == Approx(play.get("shop-2", "i_b")));
            CHECK(play.get("shop-1", "alarm_low_voltage") == 0);
            const MeterState truth = play.farm.truth(shop, 0);
            CHECK(truth.readings[Slot::u_a] == Approx(230));
            CHECK(truth.readings[Slot::p] == Approx(3000));
            write(play, shop, "wiring", 2); // P3L2: Ib is worked out
            play.to(12s);
            CHECK(play.get("shop-1", "i_b") == Approx(play.get("shop-2", "i_b")).epsilon(1e-4));
            CHECK(play.get("shop-1", "p") == Approx(2000));
            write(play, shop, "wiring", 0);
            play.to(14s);
            CHECK(play.get("shop-1", "u_b") == Approx(230));
            CHECK(play.get("shop-1", "p_b") == Approx(1000));
        }
    }

    TEST_CASE("Delta read as star shows no phase b, and the same power") {
        Play play{"[[meter]]\nname = \"delta\"\nmodel = \"kpm37\"\nload = \"shop\"\nwiring = "
                  "\"P3L3\"\n"};
        play.to(2s);
        CHECK(play.get("delta", "u_ab") == Approx(230 * std::sqrt(3.0)));
        CHECK(play.get("delta", "p") == Approx(3000));
        write(play, 4, "wiring", 0); // P4L
        play.to(4s);
        CHECK(play.get("delta", "u_a") == Approx(230 * std::sqrt(3.0)));
        CHECK(play.get("delta", "u_b") == Approx(0));
        CHECK(play.get("delta", "p") == Approx(3000)); // two wattmeters all the same
        CHECK(play.farm.truth(4, 0).readings[Slot::u_ab] == Approx(230 * std::sqrt(3.0)));
    }

    TEST_CASE("A farm in which wiring and directions were written goes on as it was saved") {
        Play play;
        play.to(1s);
        write(play, shop, "wiring", 1);
        write(play, shop + 1, "direction", 2);
        play.to(3s + 100ms);
        const Bytes saved = play.actions.save();
        play.to(10s);
        Play other;
        other.actions.restore(saved);
        other.to(10s);
        CHECK(test::same_states(play.farm, other.farm));
        CHECK(other.get("shop-1", "p") == Approx(2000));
        CHECK(other.get("shop-2", "p_b") == Approx(-1000));
    }

    TEST_CASE("KPM37 and KPM53 put out pulses of both energies, timed inside the window") {
        std::vector<double> counts, last;
        for (const Fidelity fidelity : fidelities) {
            Play play{"[[meter]]\nname = \"big\"\nmodel = \"kpm37\"\nrating = \"100\"\nload = "
                      "\"shop\"\n",
                      fidelity};
            play.to(301s);
            const auto gained = [&](std::size_t meter, Energy energy) {
                const EnergyCount& e =
                    play.farm.meters()[meter].circuits()[0].state().energy[energy];
                return static_cast<double>(e.wh) * 1e-3 + static_cast<double>(e.uj) / 3.6e12;
            };
            CHECK(play.get("shop-1", "pulses_p") ==
                  std::floor(3200 * gained(shop, Energy::p_import)));
            CHECK(play.get("shop-1", "pulses_q") ==
                  std::floor(3200 * gained(shop, Energy::q_import)));
            CHECK(play.get("big", "pulses_p") == std::floor(1600 * gained(4, Energy::p_import)));
            CHECK(play.get("heat", "pulses_p") ==
                  std::floor(3200 * gained(heat, Energy::p_import)));
            // 3 kW are 8/3 pulses a second: the last one was due when its energy was there.
            const double begun_s = 301 - gained(shop, Energy::p_import) * 3600 / 3;
            CHECK(play.get("shop-1", "pulses_p_time") ==
                  Approx(begun_s + play.get("shop-1", "pulses_p") * 3 / 8).epsilon(1e-5));
            counts.push_back(play.get("heat", "pulses_p"));
            last.push_back(play.get("heat", "pulses_p_time"));
            // The constant of the menu: 400 a kWh, at the secondary.
            const double before = play.get("heat", "pulses_p"),
                         kwh = gained(heat, Energy::p_import);
            write(play, heat, "pulse_constant", 400);
            play.to(15min);
            CHECK(play.get("heat", "pulses_p") - before ==
                  Approx(400 * (gained(heat, Energy::p_import) - kwh)).epsilon(3e-3));
        }
        CHECK(counts[0] == counts[1]);
        CHECK(last[0] == Approx(last[1]).epsilon(1e-6));
    }

    TEST_CASE("A pulse in a window in which a load grows is due by that load's course") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.act("{'kind': 'load-set', 'meter': 'shop-1', 'p': '8437.5 W', 'at': '20.1 s'}");
            const auto gained_kj = [&] {
                const EnergyCount& e =
                    play.farm.meters()[shop].circuits()[0].state().energy[Energy::p_import];
                return 3.6 * (static_cast<double>(e.wh) + static_cast<double>(e.uj) / 3.6e9);
            };
            play.to(20s);
            const double before_kj = gained_kj(), pulses = play.get("shop-1", "pulses_p");
            play.to(20200ms);
            REQUIRE(play.get("shop-1", "pulses_p") > pulses);
            // Each pulse is 1.125 kJ; 3 kW until 20.1 s.
            const double to_come_kj = 1.125 * play.get("shop-1", "pulses_p") - before_kj;
            const double due_s =
                to_come_kj < 0.3 ? 20 + to_come_kj / 3 : 20.1 + (to_come_kj - 0.3) / 8.4375;
            CHECK(std::abs(play.get("shop-1", "pulses_p_time") - due_s) < 1e-3);
            const double by_mean_s = 20 + 0.2 * to_come_kj / (gained_kj() - before_kj);
            CHECK(std::abs(by_mean_s - due_s) > 5e-3); // so that the two are told apart
        }
    }

    TEST_CASE("An output's truth is what flows without the meter's errors, and expected like any") {
        Play play{
            "[[meter]]\nname = \"off\"\nmodel = \"kpm53\"\nload = \"heat\"\nadc.u.gain_error = "
            "\"5 %\"\n"};
        play.to(2s);
        FarmWitness witness{play.farm};
        const MeterType& type = play.farm.meters()[4].type();
        FormulaTerm term;
        term.meter = 4;
        term.meter_name = "off";
        term.point = *type.points.find("output_ma");
        CHECK(witness.value(term) == Approx(20 + 20 * (1.05 * 230 / 220 - 1)));
        term.face = Face::truth;
        CHECK(witness.value(term) == Approx(20 + 20 * (230.0 / 220 - 1)));
        CHECK(has_truth(type, term.point));
        CHECK_FALSE(has_truth(type, *type.points.find("overloaded")));
    }

    TEST_CASE("Twenty times the rated current for more than a second marks the unit, for good") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            OverloadWatch watch;
            play.to(10s);
            CHECK(watch.look(play.farm).empty());
            play.act("{'kind': 'converter-saturated', 'meter': 'shop-1', 'factor': 22, 'for': "
                     "'800 ms'}"); // 4.83 A, 22 times
            play.to(60s);
            CHECK(play.get("shop-1", "overloaded") == 0);
            play.act("{'kind': 'converter-saturated', 'meter': 'shop-1', 'factor': 22, 'for': "
                     "'2 s'}");
            play.to(70s);
            CHECK(play.get("shop-1", "overloaded") == 0b111000);
            const double start =
                static_cast<double>(play.farm.plan().start.time_since_epoch().count());
            CHECK(play.get("shop-1", "overloaded_time") == Approx(start + 60).epsilon(1e-9));
            const auto told = watch.look(play.farm);
            REQUIRE(told.size() == 1);
            CHECK(to_text(play.farm, told[0]) ==
                  "meter shop-1: ia, ib, ic beyond what its inputs bear, since "
                  "2026-01-01T00:01:00 by its clock: a real one would be damaged "
                  "(overloaded)");
            CHECK(watch.look(play.farm).empty());
            CHECK(play.get("shop-2", "overloaded") == 0);
            play.to(2min);
            CHECK(play.get("shop-1", "overloaded") == 0b111000);
            play.act(
                "{'kind': 'meter-swap', 'meter': 'shop-1', 'serial': '" +
                serial_number(play.farm.meters()[shop].type().serial, Carrier::wifi, 2026, 2, 900) +
                "'}");
            play.to(2min + 1s);
            CHECK(play.get("shop-1", "overloaded") == 0);
        }
    }

    TEST_CASE("Voltages of twice the rated one are borne for ten seconds, in steady windows, too") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.act("{'kind': 'set-supply', 'supply': 'main', 'u': '440 V', 'at': '5 s', 'for': "
                     "'20 s'}");
            play.to(14900ms);
            CHECK(play.get("four", "overloaded") == 0);
            play.to(16s);
            CHECK((static_cast<int>(play.get("four", "overloaded")) & 7) == 7);
            CHECK(play.get("four", "u_above_range") == 7);
            CHECK(play.get("heat", "overloaded") == 0); // a KPM53 is rated for 400 V, too
            play.to(40s);
            CHECK((static_cast<int>(play.get("four", "overloaded")) & 7) == 7);
            CHECK(play.get("four", "u_above_range") == 0);
        }
    }

    TEST_CASE("A supply out of its range is none: from 85 to 265 V AC or 80 to 300 V DC it works") {
        Play play{
            "[[meter]]\nname = \"dc\"\nmodel = \"kpm53\"\nload = \"heat\"\nauxiliary = \"24 V "
            "DC\"\n[[meter]]\nname = \"low\"\nmodel = \"kpm53\"\nload = \"heat\"\nauxiliary = "
            "\"85 V\"\n"};
        const auto powered = [&](std::size_t meter) { return play.farm.meters()[meter].powered(); };
        play.to(1s);
        CHECK_FALSE(powered(4));
        CHECK(powered(5));
        play.act("{'kind': 'power-off', 'meter': 'dc', 'u': '110 V DC', 'for': '5 s'}");
        play.act("{'kind': 'power-off', 'meter': 'low', 'u': '84 V', 'for': '5 s'}");
        play.act("{'kind': 'power-off', 'meter': 'shop-1', 'u': '265 V', 'for': '5 s'}");
        play.act("{'kind': 'power-off', 'meter': 'shop-2', 'u': '266 V', 'for': '5 s'}");
        play.to(3s);
        CHECK(powered(4));
        CHECK(play.get("dc", "p") == Approx(6000));
        CHECK_FALSE(powered(5));
        CHECK(powered(shop));
        CHECK_FALSE(powered(shop + 1));
        play.to(8s);
        CHECK_FALSE(powered(4));
        CHECK(powered(5));
        CHECK(play.mistakes_of("{'kind': 'power-off', 'meter': 'low', 'u': 'much'}") ==
              "action/u: u \"much\" cannot be read; write \"230 V\" or \"110 V DC\"\n");
        for (const char* const no_text : {"230", "true", "[]", "{}"})
            CHECK(play.mistakes_of(std::string{"{'kind': 'power-off', 'meter': 'low', 'u': "} +
                                   no_text + "}")
                      .starts_with("action/u: "));
        CHECK(test::mistakes_of(top + "model = \"kpm53\"\nauxiliary = \"high\"\n") ==
              "f.toml:5:13: auxiliary \"high\" cannot be read; write \"230 V\" or \"110 V DC\"");
        CHECK(test::mistakes_of(top + "model = \"kpm33b\"\nauxiliary = \"230 V\"\n") ==
              "f.toml:5:13: nobody says what supply a kpm33b needs; leave auxiliary out, or write "
              "[auxiliary] in its meter.toml");
    }

    TEST_CASE("Each relay of a KPM312 is in the current path of its own circuit's load") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"[[meter]]\nname = \"loops\"\nmodel = \"kpm312\"\nrelay_switches = true\n"
                      "loads = [\"heat\", \"heat\", \"heat\", \"heat\"]\n",
                      fidelity};
            const auto flows = [&] {
                std::string all;
                for (int n = 0; n < 4; ++n)
                    all += play.get("loops", "i_a", n) > 8 ? '1' : '0';
                return all;
            };
            const auto tell = [&](std::size_t circuit, double closed) {
                Circuit& loop = play.farm.meters()[4].circuits()[circuit];
                REQUIRE(loop.set("relay_1", closed, Access::wire));
            };
            play.to(1s);
            CHECK(flows() == "0000"); // from the factory open
            tell(2, 1);
            play.to(2s);
            CHECK(flows() == "0010");
            tell(0, 1);
            tell(3, 1);
            play.to(3s);
            CHECK(flows() == "1011");
            tell(2, 0);
            play.to(4s);
            CHECK(flows() == "1001");
        }
    }

    TEST_CASE("A relay whose contact is stuck shows what it was told, and its load goes by the "
              "contact") {
        for (const Fidelity fidelity : fidelities) {
            CAPTURE(name_of(fidelity));
            Play play{"[[meter]]\nname = \"switch\"\nmodel = \"kpm53\"\nload = \"heat\"\n"
                      "relay_switches = true\n",
                      fidelity};
            write(play, 4, "relay_1", 1);
            play.to(2s);
            CHECK(play.get("switch", "i_a") > 8);
            play.act("{'kind': 'relay-stuck', 'meter': 'switch', 'for': '10 s'}");
            play.to(3s);
            write(play, 4, "relay_1", 0);
            play.to(6s);
            CHECK(play.get("switch", "relay_1") == 0);
            CHECK(play.get("switch", "i_a") > 8);
            FarmWitness witness{play.farm};
            FormulaTerm term;
            term.meter = 4;
            term.meter_name = "switch";
            term.point = play.farm.meters()[4].type().relay_points[0];
            term.face = Face::truth;
            CHECK(witness.value(term) == 1);
            play.to(14s);
            CHECK(play.get("switch", "i_a") == Approx(0));
            write(play, 4, "relay_1", 1);
            play.act("{'kind': 'relay-stuck', 'meter': 'switch', 'state': 'open'}");
            play.to(16s);
            CHECK(play.get("switch", "relay_1") == 1);
            CHECK(play.get("switch", "i_a") == Approx(0));
            CHECK(play.mistakes_of("{'kind': 'relay-stuck', 'meter': 'switch', 'relay': 3}") ==
                  "action/relay: a circuit of switch has 2 relays; write relay = 2, or name the "
                  "circuit\n");
        }
    }

    TEST_CASE("Factory settings take a unit's address and ratios away, and leave its energies") {
        Play play{
            "[[meter]]\nname = \"told\"\nmodel = \"kpm53\"\nload = \"heat\"\naddress = 40\nct = "
            "\"100/5 A\"\n"};
        play.to(10s);
        CHECK(play.get("told", "p") == Approx(6000));
        const double before = play.get("told", "e_p_import");
        play.act("{'kind': 'factory-settings', 'meter': 'told'}");
        play.to(12s);
        CHECK(play.get("told", "address") == 1);
        CHECK(play.get("told", "ct") == 1);
        CHECK(play.get("told", "p") == Approx(300)); // told nothing of 100/5 A
        CHECK(play.get("told", "e_p_import") > before);
    }

    TEST_CASE("Factory settings take tariff tables away, those that a client wrote, too") {
        Play play{"[[meter]]\nname = \"told\"\nmodel = \"kpm37\"\nload = \"heat\"\n"
                  "tariff.days = [[\"00:00 sharp\"]]\n"};
        play.to(1s);
        CHECK(play.get("told", "tariff_day_1_1") == 10000);
        play.act("{'kind': 'factory-settings', 'meter': 'told'}");
        play.to(2s);
        Play fresh{"[[meter]]\nname = \"told\"\nmodel = \"kpm37\"\nload = \"heat\"\n"};
        for (const char* entry : {"tariff_day_1_1", "tariff_day_1_2", "tariff_zone_1"})
            CHECK(play.get("told", entry) == fresh.get("told", entry));
        CHECK(play.get("told", "e_p_import_t1") > 0);
        const double sharp = play.get("told", "e_p_import_t1");
        play.to(10s); // at midnight it is valley again
        CHECK(play.get("told", "e_p_import_t1") == sharp);
    }

    TEST_CASE(
        "A threshold that is written is judged with the window that begins, in both fidelities") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"[[meter]]\nname = \"board\"\nmodel = \"kpm37\"\nload = \"heat\"\n",
                      fidelity};
            play.to(5s);
            CHECK(play.get("board", "alarm_over_current") == 1); // 8.7 A on 5 A
            REQUIRE(play.farm.schedule(
                4, SimTime{10s},
                {{*play.farm.meters()[4].type().points.find("over_current"), 0, 0}}));
            play.to(10400ms);
            CHECK(play.get("board", "alarm_over_current") == 0);
        }
    }

    TEST_CASE("A unit drawn from its class reads residual currents within 1 %") {
        double worst = 0;
        std::string meters;
        for (int n = 0; n < 20; ++n)
            meters += "[[meter]]\nname = \"leaky-" + std::to_string(n) +
                      "\"\nmodel = \"kpm37\"\nleakage = \"500 mA\"\naccuracy = \"class\"\n";
        Play play{meters};
        play.to(1s);
        for (int n = 0; n < 20; ++n)
            worst = std::max(
                worst, std::abs(play.get("leaky-" + std::to_string(n), "i_residual") / 0.5 - 1));
        CHECK(worst <= 0.0101);
        CHECK(worst > 0.005);
        CHECK(play.farm.truth(4, 0).readings[Slot::i_residual] == Approx(0.5));
    }

    TEST_CASE("What a firmware follows is a key of a meter, and settings are held to it") {
        const auto k312 = [](const std::string& more) {
            return test::mistakes_of(top + "model = \"kpm312\"\n" + more);
        };
        CHECK(k312("firmware = \"menu\"\n").empty());
        CHECK(k312("firmware = [\"menu\", \"plain-ma\", \"data-sheet\"]\n").empty());
        CHECK(
            k312("firmware = \"memu\"\n") ==
            "f.toml:5:12: unknown firmware \"memu\"; known: menu, plain-ma, data-sheet, day-data");
        CHECK(k312("firmware = [\"straight-line\"]\n") ==
              "f.toml:5:13: firmware \"straight-line\" makes no difference to a kpm312; known: "
              "menu, plain-ma, data-sheet, day-data");
        CHECK(k312("firmware = 4\n").starts_with("f.toml:5:12: firmware holds names; known: "));
        CHECK(k312("settings = { minute_interval_min = 1440 }\n").empty());
        CHECK(k312("firmware = \"menu\"\nsettings = { minute_interval_min = 1440 }\n") ==
              "f.toml:6:36: setting minute_interval_min cannot be 1440; it can be 1, 5, 10, 15, "
              "20, 30, 60");
        CHECK(test::mistakes_of(top + "model = \"kpm53\"\nwiring = \"2LL3CT\"\nsettings = { "
                                      "transmitting = 0 }\n") ==
              "f.toml:6:29: the output does not have number 0 in this wiring; "
              "docs/reference/outputs.md lists those of star and delta");
    }
}
