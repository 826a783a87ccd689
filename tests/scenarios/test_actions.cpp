#include "play_rig.hpp"

#include "models/faces/register_words.hpp"

#include <complex>
#include <numbers>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

using doctest::Approx;

/// A meter on a line, with a broker.
constexpr std::string_view wired = R"(
[bus.cellar]
rtu_tcp = 0
[bus.empty]
pty = "run/empty"
[[meter]]
name = "wired"
model = "kpm33b"
bus = "cellar"
mqtt = true
[[meter]]
name = "sensed"
model = "kpm37"
load = "shop"
temperature = "20 degC"
leakage = "0 A"
)";

/// The examples of a kind's own table, as a JSON action.
std::string example_of(const ActionKind& kind) {
    std::string json = "{'kind': '" + std::string{kind.name} + "'";
    if (kind.target == ActionTarget::load)
        json += ", 'load': 'shop'";
    if (kind.target == ActionTarget::meter) {
        const bool uploads = kind.name == "habit" || kind.name == "mqtt-command";
        const bool swaps = kind.name == "meter-swap"; // a KPM312, by its example's serial number
        json += std::string{", 'meter': '"} + (uploads ? "wired" : swaps ? "four" : "sensed") + "'";
    }
    if (kind.target == ActionTarget::line)
        json += ", 'line': 'cellar'";
    if (kind.lasting == Lasting::needed)
        json += ", 'for': '10 cycles'";
    for (const ActionParameter& parameter : kind.parameters) {
        const std::string name{parameter.name};
        if (name == "depth" && kind.name == "dip") // residual says it
            continue;
        if ((name == "f" && kind.name == "flicker") || (name == "i" && kind.name == "load-set") ||
            name == "like" || name == "skip" || name == "count") // first and last say it
            continue;
        std::string value{parameter.example};
        if (value.front() == '\'') // JSON as a text: here it is JSON itself
            value = value.substr(1, value.size() - 2);
        else if (value.front() == '{') { // { 5 = "4 %" }
            value.replace(value.find(' '), 1, "\"");
            value.replace(value.find(" ="), 2, "\":");
        }
        json += ", '" + name + "': " + value;
    }
    if (kind.name == "load-like")
        json += ", 'like': 'heat'";
    return json + "}";
}

} // namespace

TEST_SUITE("scenario") {

    TEST_CASE("Every kind takes the examples of its own table") {
        for (const ActionKind& kind : action_kinds()) {
            CAPTURE(kind.name);
            Play play{wired};
            play.to(1s);
            CHECK(play.act(example_of(kind)) == 1);
            play.to(2s);
            CHECK(play.actions.all().size() == 1);
        }
    }

    TEST_CASE("A dip that is told is the dip that was written, to the bit") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play written{"[[supply.main.disturbance]]\nkind = \"dip\"\nat = \"61.237 s\"\n"
                         "residual = \"40 %\"\nfor = \"30 cycles\"\nphases = \"ab\"\n",
                         fidelity};
            Play told{"", fidelity};
            told.to(60s);
            told.act("{'kind': 'dip', 'at': '61.237 s', 'residual': '40 %', 'for': '30 cycles', "
                     "'phases': 'ab'}");
            for (const SimDuration at : {61400ms, 61600ms, 90000ms}) {
                written.to(at);
                told.to(at);
                const Seen a = written.seen();
                const Seen b = told.seen();
                CHECK((a.registers == b.registers));
            }
            CHECK(written.get("heat", "u_a") == Approx(230).epsilon(1e-6));
        }
    }

    TEST_CASE("An action is over when its time is, and when it is ended") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.to(10s);
            const double p = play.get("heat", "p");
            CHECK(p == Approx(6000).epsilon(1e-5));
            const auto off = play.act("{'kind': 'load-off', 'meter': 'heat'}");
            play.act("{'kind': 'load-scale', 'by': '150 %', 'meter': 'four', 'circuit': 2, 'for': "
                     "'5 s'}");
            play.to(12s);
            CHECK(play.get("heat", "p") == 0);
            CHECK(play.get("four", "p", 0) == Approx(6000).epsilon(1e-5));
            CHECK(play.get("four", "p", 1) == Approx(4500).epsilon(1e-5));
            CHECK(play.actions.end(off));
            CHECK_FALSE(play.actions.end(off));
            CHECK_FALSE(play.actions.end(99));
            play.to(16s);
            CHECK(play.get("heat", "p") == Approx(6000).epsilon(1e-5));
            CHECK(play.get("four", "p", 1) == Approx(3000).epsilon(1e-5));
        }
    }

    TEST_CASE("Loads: set, step, ramp, like another, inrush, capacitors, a car") {
        Play play;
        play.to(1s);
        play.act("{'kind': 'load-set', 'meter': 'heat', 'p': '4 kW', 'pf': '0.8 cap'}");
        play.act("{'kind': 'load-step', 'meter': 'shop-1', 'p': '1 kW', 'phase': 'b'}");
        play.act("{'kind': 'load-like', 'meter': 'shop-2', 'like': 'heat'}");
        play.to(2s);
        CHECK(play.get("heat", "p") == Approx(4000).epsilon(1e-5));
        CHECK(play.get("heat", "q") == Approx(-3000).epsilon(1e-5));
        CHECK(play.get("shop-1", "p_b") == Approx(2000).epsilon(1e-5));
        CHECK(play.get("shop-1", "p_a") == Approx(1000).epsilon(1e-5));
        CHECK(play.get("shop-2", "p") == Approx(6000).epsilon(1e-5));
        play.actions.end_all();
        play.to(3s);
        play.act("{'kind': 'load-scale', 'meter': 'heat', 'by': '20 %', 'edge': '10 s'}");
        play.act("{'kind': 'capacitor-bank', 'meter': 'shop-1', 'q': '3 kvar'}");
        play.act("{'kind': 'ev-charging', 'meter': 'shop-2', 'p': '2 kW'}");
        play.to(8s); // the last window's middle is 100 ms before
        CHECK(play.get("heat", "p") == Approx(6000 * (1 - 0.8 * 0.49)).epsilon(1e-3));
        CHECK(play.get("shop-1", "q") ==
              Approx(3000 * std::tan(std::acos(0.9)) - 3000).epsilon(1e-4));
        CHECK(play.get("shop-2", "p") == Approx(5000).epsilon(1e-4));
        play.actions.end_all();
        play.to(10s);
        play.act("{'kind': 'inrush', 'meter': 'shop-1', 'factor': 2, 'decay': '2 s'}");
        play.to(12s);
        CHECK(play.get("shop-1", "p") == Approx(3000 * (1 + std::exp(-0.95))).epsilon(2e-3));
        play.to(1min);
        CHECK(play.get("shop-1", "p") == Approx(3000).epsilon(1e-5));
    }

    TEST_CASE("A day of sun is half a sine of twelve hours, in steps of five minutes") {
        Play play;
        play.to(10s);
        const auto day = play.act("{'kind': 'pv-day', 'meter': 'heat', 'p': '8 kW'}");
        const auto p_after = [&](SimDuration time) {
            play.to(10s + time + 100ms); // the last window's middle
            return play.get("heat", "p");
        };
        const auto sun = [](double hours) {
            return 8000 * std::sin(std::numbers::pi * hours / 12);
        };
        CHECK(p_after(5min) == Approx(6000 - sun(1 / 12.0)).epsilon(1e-4));
        CHECK(p_after(20min) == Approx(6000 - sun(1 / 3.0)).epsilon(1e-4));
        CHECK(play.actions.find(day)->until == SimTime{} + 10s + 12h);
        play.act("{'kind': 'pv-day', 'meter': 'heat', 'p': '8 kW', 'for': '1 min'}");
        CHECK(p_after(22min) == Approx(6000 - sun(11 / 30.0)).epsilon(1e-3));
        play.actions.end_all();
        CHECK(p_after(23min) == Approx(6000).epsilon(1e-5));
    }

    TEST_CASE(
        "Each action on a load acts on it as those before have left it; what stands beside stays") {
        Play play;
        const auto drawn_after = [&](SimDuration until, const char* action) {
            play.act(action);
            play.to(until);
            return play.get("heat", "p");
        };
        play.to(1s);
        CHECK(drawn_after(2s, "{'kind': 'load-step', 'meter': 'heat', 'p': '3 kW'}") ==
              Approx(9000).epsilon(1e-5));
        CHECK(drawn_after(3s, "{'kind': 'load-scale', 'meter': 'heat', 'by': '50 %'}") ==
              Approx(3000 + 3000).epsilon(1e-5));
        CHECK(drawn_after(4s, "{'kind': 'load-set', 'meter': 'heat', 'p': '5 kW'}") ==
              Approx(5000 + 3000).epsilon(1e-5));
        CHECK(drawn_after(5s, "{'kind': 'load-set', 'meter': 'heat', 'p': '2 kW', 'for': '5 s'}") ==
              Approx(2000 + 3000).epsilon(1e-5));
        CHECK(drawn_after(6s,
                          "{'kind': 'load-scale', 'meter': 'heat', 'by': '200 %', 'for': '1 s'}") ==
              Approx(4000 + 3000).epsilon(1e-5));
        CHECK(drawn_after(7s, "{'kind': 'load-off', 'meter': 'heat', 'for': '1 s'}") ==
              Approx(3000).epsilon(1e-5));
        play.to(8s + 400ms);
        CHECK(play.get("heat", "p") == Approx(2000 + 3000).epsilon(1e-5));
        play.to(11s);
        CHECK(play.get("heat", "p") == Approx(5000 + 3000).epsilon(1e-5));
        play.actions.end_all();
        play.to(12s);
        CHECK(play.get("heat", "p") == Approx(6000).epsilon(1e-5));
    }

    TEST_CASE("A supply's set points: the last one holds, and what is ended gives way to the one "
              "below") {
        Play play;
        play.to(1s);
        const auto first = play.act("{'kind': 'set-supply', 'u': '240 V', 'f': '49.5 Hz'}");
        const auto second = play.act("{'kind': 'set-supply', 'u': '220 V'}");
        play.to(10s);
        CHECK(play.get("heat", "u_a") == Approx(220).epsilon(1e-6));
        CHECK(play.get("heat", "f") == Approx(49.5).epsilon(1e-6));
        CHECK(play.actions.end(second));
        play.to(11s);
        CHECK(play.get("heat", "u_a") == Approx(240).epsilon(1e-6));
        CHECK(play.actions.end(first));
        play.to(20s);
        CHECK(play.get("heat", "u_a") == Approx(230).epsilon(1e-6));
        CHECK(play.get("heat", "f") == Approx(50).epsilon(1e-6));
        play.act("{'kind': 'set-supply', 'magnitude': ['100 %', '90 %', '100 %'], 'harmonics': "
                 "{'5': '4 %'}, 'for': '5 s'}");
        play.to(22s);
        CHECK(play.get("heat", "u_b") == Approx(207 * std::sqrt(1.0016)).epsilon(1e-5));
        CHECK(play.get("heat", "thd_u_a") == Approx(4).epsilon(1e-4));
        play.to(26s);
        CHECK(play.get("heat", "u_b") == Approx(230).epsilon(1e-6));
        CHECK(play.get("heat", "thd_u_a") == Approx(0).epsilon(1e-3));
    }

    TEST_CASE("Wiring mistakes as the readings show them") {
        struct Row {
            const char* action;
            const char* point;
            double value;
        };
        // shop-1: 1 kW, 484.3 var, 1111.1 VA and 4.831 A a phase.
        const double p = 1000;
        const double i = p / 0.9 / 230;
        const double angle = std::acos(0.9);
        const double turned = p / 0.9 * std::cos(angle + 2 * std::numbers::pi / 3);
        const double back = p / 0.9 * std::cos(angle - 2 * std::numbers::pi / 3);
        for (const Row& row : std::initializer_list<Row>{
                 {"'kind': 'ct-reversed', 'phase': 'b'", "p_b", -p},
                 {"'kind': 'ct-reversed', 'phase': 'b'", "p", p},
                 {"'kind': 'ct-open', 'phase': 'c'", "i_c", 0},
                 {"'kind': 'ct-shorted', 'phase': 'c'", "i_c", i / 50},
                 {"'kind': 'ct-swapped', 'phases': 'ab'", "p_c", p},
                 {"'kind': 'ct-swapped', 'phases': 'ab'", "p_a", turned},
                 {"'kind': 'ct-on-phase', 'phase': 'a', 'sees': 'c'", "p_a", back},
                 {"'kind': 'phase-rotation'", "u_pos", 0},
                 {"'kind': 'phase-rotation'", "u_neg", 230},
                 {"'kind': 'u-open', 'phase': 'a'", "u_a", 0},
                 {"'kind': 'u-open', 'phase': 'a'", "p", 2 * p},
                 {"'kind': 'pt-fuse-blown', 'phase': 'a'", "u_a", 34.5},
                 {"'kind': 'wrong-ratio', 'ct': '10/5 A'", "i_a", i / 2},
                 {"'kind': 'wrong-ratio', 'pt': '1000/100 V'", "u_a", 23},
             }) {
            CAPTURE(row.action);
            CAPTURE(row.point);
            Play play;
            play.to(1s);
            play.act("{'meter': 'shop-1', " + std::string{row.action} + ", 'for': '4 s'}");
            play.to(3s);
            if (play.farm.meters()[1].type().points.find(row.point))
                CHECK(play.get("shop-1", row.point) == Approx(row.value).epsilon(1e-4).scale(1));
            else
                CHECK(play.farm.meters()[1].circuits()[0].state().get(*find_quantity(row.point)) ==
                      Approx(row.value).epsilon(1e-4).scale(1));
            play.to(7s);
            CHECK(play.get("shop-1", "p") == Approx(3 * p).epsilon(1e-5));
            CHECK(play.get("shop-1", "u_a") == Approx(230).epsilon(1e-6));
        }
    }

    TEST_CASE("A lead is turned at its own moment, inside a window too, and so it is turned back") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            Play play{"", fidelity};
            play.to(1100ms); // half of the window that ends at 1.2 s
            play.act("{'meter': 'shop-1', 'kind': 'ct-reversed', 'phase': 'b', 'for': '150 ms'}");
            play.to(1200ms);
            const double p = 1000;
            CHECK(play.get("shop-1", "p_b") == Approx(0).epsilon(1e-5).scale(p));
            CHECK(play.get("shop-1", "i_b") == Approx(p / 0.9 / 230).epsilon(1e-5));
            CHECK(play.farm.truth(1, 0).readings[Slot::p_b] == Approx(0).epsilon(1e-9).scale(p));
            play.to(1400ms); // 50 ms of 200 the wrong way round
            // 2.5 cycles: what turns at a half cycle leaves P, not the phasors, as it was
            CHECK(play.get("shop-1", "p_b") == Approx(p * (0.75 - 0.25)).epsilon(1e-5));
            play.to(2s);
            CHECK(play.get("shop-1", "p_b") == Approx(p).epsilon(1e-5));
            const double lost_s = 2 * 0.15;
            CHECK(play.farm.truth(1, 0).energy.kilo(Energy::p_import) ==
                  Approx(p * (3 * 2.0 - lost_s) / 3.6e6).epsilon(1e-6));
        }
    }

    TEST_CASE("A main meter sees a summed meter's star point leave inside a window") {
        Play play{R"(
[[meter]]
name = "all"
model = "kpm53"
sum_of = ["shop-*"]
)"};
        play.to(1100ms);
        play.act("{'meter': 'shop-1', 'kind': 'neutral-lost', 'for': '5 s'}");
        play.to(1200ms);
        // Balanced loads hold their own star: nothing to see, and no window lost.
        CHECK(play.get("all", "p") == Approx(6000).epsilon(1e-5));
    }

    TEST_CASE("Mistakes are told all at once, with their cure") {
        Play play;
        play.to(5s);
        CHECK(play.mistakes_of("{'kind': 'dipp'}") ==
              "action/kind: unknown kind of action \"dipp\"; did you mean dip?\n");
        CHECK(play.mistakes_of("{'kind': 'ct-reversed', 'meter': 'shp-*', 'phase': 'd'}") ==
              "action/meter: no meter fits \"shp-*\"; there are heat, shop-1, shop-2, four\n"
              "action/phase: phase \"d\" cannot be read; write \"a\", \"b\" or \"c\"\n");
        CHECK(play.mistakes_of("{'kind': 'dip', 'residual': '40 %', 'at': '2 s', 'for': '1 s'}")
                  .starts_with("action/at: at \"2 s\" is over; the farm stands at "));
        CHECK(play.mistakes_of("{'kind': 'dip', 'residual': '40 %', 'for': '1 s', 'sirname': 1}")
                  .starts_with("action/sirname: unknown key \"sirname\""));
        CHECK(play.mistakes_of("{'kind': 'load-set', 'meter': 'heat'}") ==
              "action/kind: load-set lacks its power; write p = \"12 kW\" or i = \"16 A\"\n");
        CHECK(play.actions.all().empty());
    }

    TEST_CASE("A meter without supply measures and says nothing, and goes on where it stood") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            Play play{"", fidelity};
            play.to(60s);
            const double before = play.get("heat", "e_p_import");
            const auto off = play.act("{'kind': 'power-off', 'meter': 'heat'}");
            play.act("{'kind': 'reboot', 'meter': 'shop-1', 'takes': '30 s'}");
            play.to(61s);
            CHECK_FALSE(play.farm.meters()[0].powered());
            CHECK_FALSE(play.farm.meters()[1].powered());
            play.to(120s);
            CHECK(play.farm.meters()[1].powered());
            CHECK(play.actions.end(off));
            play.to(180s);
            CHECK(play.farm.meters()[0].powered());
            const double after = play.get("heat", "e_p_import");
            // 60 s of three minutes are not counted, nor the window with which it begins again.
            CHECK(1000 * (after - before) == Approx(6000 * 59.8 / 3600).epsilon(1e-3));
            CHECK(play.farm.meters()[0].rtc() == play.farm.site_time());
        }
    }

    TEST_CASE(
        "Without supply windows are jumped over, in steps of any length, and the truth counts on") {
        const auto played = [](std::initializer_list<SimDuration> steps) {
            auto play = std::make_unique<Play>("", Fidelity::window);
            std::int64_t sampled = 0;
            play->farm.watch_terminals(
                3, [&](const TerminalRun& run) { sampled += run.repeats ? 0 : run.windows; });
            play->act("{'kind': 'power-off', 'meter': 'four', 'at': '60.05 s', 'for': '2 h'}");
            SimDuration at{};
            while (at < 2h + 90s)
                for (const SimDuration step : steps)
                    play->to(at = std::min<SimDuration>(at + step, 2h + 90s));
            CHECK(sampled < 150); // one in a minute, and those around the cut
            return play;
        };
        const auto one = played({2h + 90s});
        const auto many = played({7s, 61s, 1ms, 10min});
        CHECK(one->farm.save() == many->farm.save());
        CHECK(1000 * one->farm.truth(3, 0).energy.kilo(Energy::p_import) ==
              Approx(6000.0 * (7200 + 90) / 3600).epsilon(1e-6));
        CHECK(1000 * one->get("four", "e_p_import") == Approx(6000 * 89.8 / 3600).epsilon(1e-3));
    }

    TEST_CASE("Clocks are set, jump and drift; a swapped meter has another number and nothing "
              "counted") {
        Play play;
        play.to(10s);
        play.act("{'kind': 'clock-set', 'meter': 'heat', 'to': '2005-01-01T00:00:00'}");
        play.act("{'kind': 'clock-jump', 'meter': 'shop-1', 'by': '-90 s'}");
        play.act("{'kind': 'clock-drift', 'meter': 'shop-2', 'ppm': 1000}");
        const auto swap =
            play.act("{'kind': 'meter-swap', 'meter': 'four', 'serial': '31212257C0336'}");
        play.to(20s);
        CHECK(play.get("four", "e_p_import") * 1000 < 6000 * 10.5 / 3600);
        CHECK(play.farm.meters()[3].circuits()[1].serial() == "31212257C0337");
        CHECK(fields_of(play.farm.meters()[0].rtc()).year == 2005);
        CHECK(play.farm.meters()[1].rtc() == play.farm.site_time() - 90s);
        play.to(1010s);
        CHECK(play.farm.meters()[2].rtc() == play.farm.site_time() + 1s);
        CHECK(play.actions.end(swap));
        play.to(1011s);
        CHECK(play.farm.meters()[3].circuits()[1].serial() != "31212257C0337");
    }

    TEST_CASE("A value that is overridden shows so on every protocol, and comes back") {
        Play play;
        play.to(30s);
        const double counted = play.get("heat", "e_p_import");
        play.act("{'kind': 'point-stuck', 'meter': 'heat', 'point': 'u_a', 'value': 231.5}");
        play.act("{'kind': 'point-stuck', 'meter': 'heat', 'point': 'e_q_import'}");
        play.act("{'kind': 'point-jump', 'meter': 'heat', 'point': 'f', 'by': 0.5, 'for': '10 s'}");
        const auto reset = play.act("{'kind': 'counter-reset', 'meter': 'heat'}");
        play.to(31s);
        CHECK(play.get("heat", "u_a") == 231.5);
        CHECK(play.get("heat", "f") == Approx(50.5).epsilon(1e-6));
        CHECK(play.get("heat", "e_p_import") * 1000 == Approx(6000 * 1.0 / 3600).epsilon(1e-3));
        const Circuit& heat = play.farm.meters()[0].circuits()[0];
        std::vector<std::uint16_t> words(2);
        const RegisterRow* row = heat.type().registers.find("u_a");
        REQUIRE(row != nullptr);
        REQUIRE(read_registers(heat, row->address, words));
        CHECK(decode(*row, heat.meter().word_order(), words) == Approx(231.5).epsilon(1e-6));
        play.to(50s);
        CHECK(play.get("heat", "f") == Approx(50).epsilon(1e-6));
        play.act("{'kind': 'counter-rollover', 'meter': 'shop-1', 'digits_end': 0.01}");
        play.to(60s);
        CHECK(play.get("shop-1", "e_p_import") < 0.01);
        CHECK(play.actions.end(reset));
        play.actions.end_all();
        play.to(61s);
        CHECK(play.get("heat", "e_p_import") > counted);
        CHECK(play.get("heat", "u_a") == Approx(230).epsilon(1e-6));
        CHECK(play.get("shop-1", "e_p_import") == Approx(3.0 * 61 / 3600).epsilon(1e-2));
    }

    TEST_CASE("A lost neutral shifts the star point to where the currents sum to zero") {
        Play play{"[load.uneven]\nkind = \"resistive\"\np_a = \"1 kW\"\np_b = \"2 kW\"\n"
                  "p_c = \"3 kW\"\n[[meter]]\nname = \"uneven\"\nmodel = \"kpm37\"\n"
                  "load = \"uneven\"\n"};
        play.to(1s);
        play.act("{'kind': 'neutral-lost', 'meter': 'uneven'}");
        play.to(3s);
        using Complex = std::complex<double>;
        const std::array<Complex, 3> u{std::polar(230.0, 0.0),
                                       std::polar(230.0, -2 * std::numbers::pi / 3),
                                       std::polar(230.0, 2 * std::numbers::pi / 3)};
        const Complex star = (1.0 * u[0] + 2.0 * u[1] + 3.0 * u[2]) / 6.0;
        for (std::size_t p = 0; p < 3; ++p) {
            const std::string name{"u_" + std::string{"abc"[p]}};
            CHECK(play.get("uneven", name) == Approx(std::abs(u[p] - star)).epsilon(1e-6));
        }
    }

    TEST_CASE("A farm to which things were done is saved and restored to the bit") {
        for (const Fidelity fidelity : {Fidelity::sample, Fidelity::window}) {
            CAPTURE(name_of(fidelity));
            const auto begin = [](Play& play) {
                play.to(3s);
                play.act("{'kind': 'set-supply', 'u': '240 V', 'f': '50.2 Hz', 'edge': '20 s'}");
                play.act("{'kind': 'ct-reversed', 'meter': 'shop-*', 'phase': 'b', 'for': '30 s'}");
                play.to(8s);
                play.act(
                    "{'kind': 'load-step', 'meter': 'four', 'circuit': 1, 'p': '2 kW', 'edge': "
                    "'10 s'}");
                play.actions.end(2);
                play.to(12500ms);
            };
            const auto go_on = [](Play& play) {
                play.actions.end(1);
                play.to(30s);
                play.act("{'kind': 'dip', 'residual': '10 %', 'for': '3 s'}");
                play.to(60s);
            };
            Play whole{"", fidelity};
            begin(whole);
            const Bytes saved = whole.actions.save();
            Play other{"", fidelity, 2};
            other.actions.restore(saved);
            CHECK((other.actions.save() == saved));
            go_on(whole);
            go_on(other);
            const Seen a = whole.seen();
            const Seen b = other.seen();
            CHECK((a.registers == b.registers));
            CHECK((a.messages == b.messages));
            CHECK_THROWS_AS(other.actions.restore(std::span{saved}.first(40)), BadState);
        }
    }
}
