#include "own_model.hpp"
#include "program_rig.hpp"

#include "models/engine/alarms.hpp"

#include <array>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::ProgramRig;

namespace {

const CivilTime noon{std::chrono::local_days{std::chrono::year{2026} / 3 / 1} +
                     std::chrono::hours{12}};

MeterSpec with(std::vector<Preset> settings) {
    MeterSpec spec;
    spec.settings = std::move(settings);
    return spec;
}

/// A meter whose readings, commands and supply a test gives, window by window.
struct Panel : ProgramRig {
    explicit Panel(const std::string& model, MeterSpec of = {})
        : ProgramRig{model, std::move(of), noon} {
        for (MeterState& state : states)
            for (const Slot slot : {Slot::u_a, Slot::u_b, Slot::u_c})
                state.readings[slot] = 220;
    }

    /// The windows of 200 ms up to this one's end.
    void go(SimDuration to) {
        for (; now < SimTime{} + to; now += 200ms) {
            program.carry_out({now, {}}, now, *this); // contacts are followed at boundaries
            while (program.due() < now + 200ms)
                program.run(*this);
            std::array<const MeterState*, max_circuits> each{};
            for (std::size_t n = 0; n < states.size(); ++n)
                each[n] = &states[n];
            if (program.memory().powered())
                program.watch(now + 200ms, std::span{each}.first(states.size()), *this);
        }
    }
    void set(const std::string& point, double value, int circuit = 0) {
        const Assignment what{*spec.type->points.find(point), circuit, value};
        REQUIRE_FALSE(refusal(spec, what, Access::keys));
        program.carry_out({now, {what}}, now, *this);
    }
    void power(bool there) {
        Command command{now, {}};
        Intervention what;
        what.kind = there ? InterventionKind::end : InterventionKind::cut_power;
        what.action = 7;
        command.also = {what};
        program.carry_out(command, now, *this);
    }
    bool relay(int n = 0) const { return program.memory().relay(n); }
    bool alarm(const std::string& name, int circuit = 0) {
        return number("alarm_" + name, noon, circuit) == 1;
    }
    SimTime now{};
};

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A KPM37's relay opens 200 ms after a command, or as long after it as is set") {
        Panel panel{"kpm37"};
        panel.go(1s);
        panel.set("relay_2", 1);
        CHECK(panel.relay(1));
        CHECK(panel.program.moves_relay() == SimTime{} + 1200ms);
        panel.go(1200ms);
        CHECK(panel.relay(1)); // its window is not over
        panel.go(1400ms);
        CHECK_FALSE(panel.relay(1));
        panel.set("relay_pulse_ms", 3000);
        panel.set("relay_1", 1);
        panel.go(4200ms);
        CHECK(panel.relay(0));
        panel.go(4600ms);
        CHECK_FALSE(panel.relay(0));
        panel.set("relay_1", 1);
        panel.set("relay_1", 0); // a pulse that is ended ends
        CHECK_FALSE(panel.relay(0));
        CHECK(panel.program.moves_relay() == SimTime::max());
        std::string told;
        for (const ProgramRig::Sent& one : panel.sent)
            if (one.topic == "MQTT_TELEIND")
                told += fmt::format("{} {}\n", one.at.time_since_epoch() / 1ms,
                                    one.packets.at(0).substr(one.packets.at(0).find('@') + 1, 8));
        CHECK(told == "1000 00000002\n1200 00000000\n1400 00000001\n4400 00000000\n"
                      "4600 00000001\n4600 00000000\n");
    }

    TEST_CASE("Each move of a relay is told at its moment, a pulse's two also within one step") {
        Panel panel{"kpm37"};
        const auto told = [&] {
            std::string all;
            for (const RelayMove& move : panel.moves)
                all += fmt::format("{} {} {}\n", move.at.time_since_epoch() / 1ms, move.relay + 1,
                                   move.closed ? "closed" : "open");
            panel.moves.clear();
            return all;
        };
        panel.go(1s);
        panel.set("relay_2", 1);
        panel.go(10s);
        CHECK(told() == "1000 2 closed\n1200 2 open\n");
        panel.set("relay_2", 0); // it is
        CHECK(told() == "");
        panel.set("relay_pulse", 0);
        panel.set("relay_1", 1);
        panel.go(20s);
        panel.power(false);
        CHECK(told() == "10000 1 closed\n20000 1 open\n");
    }

    TEST_CASE("With level output a relay stays as it was told, until the power goes") {
        for (const std::string model : {"kpm37", "kpm53", "kpm312"}) {
            CAPTURE(model);
            Panel panel{model, with({{"relay_pulse", {}, 0}})};
            panel.set("relay_1", 1);
            panel.go(60s);
            CHECK(panel.relay());
            panel.power(false);
            CHECK_FALSE(panel.relay());
            panel.go(70s);
            panel.power(true);
            panel.go(80s);
            CHECK_FALSE(panel.relay());
        }
        Panel breaker{"kpm33b"};
        breaker.power(false);
        CHECK(breaker.relay());
        breaker.power(true);
        breaker.go(5s);
        CHECK(breaker.relay());
    }

    TEST_CASE("A KPM37 watches its seven thresholds, in percent of Un, In and Pn") {
        struct Row {
            std::string alarm;
            Slot slot;
            double just_not, just;
        };
        // Un 220 V, In 5 A, Pn 3300 W; the menu's factory values.
        for (const Row& row : std::vector<Row>{
                 {"voltage_loss", Slot::u_b, 44.0, 43.99},
                 {"low_voltage", Slot::u_c, 176.0, 175.99},
                 {"over_voltage", Slot::u_a, 264.0, 264.01},
                 {"over_current", Slot::i_c, 6.0, 6.001},
                 {"over_load", Slot::p, 3960.0, 3960.1},
                 {"over_load", Slot::p, -3960.0, -3960.1},
                 {"unbalance_u", Slot::unb_u, 2.0, 2.001},
                 {"unbalance_i", Slot::unb_i, 10.0, 10.001},
             }) {
            CAPTURE(row.alarm);
            Panel panel{"kpm37"};
            panel.states[0].readings[row.slot] = row.just_not;
            panel.go(200ms);
            CHECK_FALSE(panel.alarm(row.alarm));
            panel.states[0].readings[row.slot] = row.just;
            panel.go(400ms);
            CHECK(panel.alarm(row.alarm));
            panel.states[0].readings[row.slot] = row.just_not;
            panel.go(600ms);
            CHECK_FALSE(panel.alarm(row.alarm));
        }
    }

    TEST_CASE("Thresholds follow ratios, rated values and the wiring; 0 % above is off") {
        Panel panel{"kpm37",
                    with({{"rated_voltage_v", {}, 100}, {"pt", {}, 1000}, {"ct", {}, 400}})};
        Readings& readings = panel.states[0].readings;
        readings[Slot::u_a] = 11'999; // 100 V x 100 x 120 %
        readings[Slot::i_a] = 239;    // 5 A x 40 x 120 %
        panel.go(200ms);
        CHECK_FALSE(panel.alarm("over_voltage"));
        CHECK_FALSE(panel.alarm("over_current"));
        readings[Slot::u_a] = 12'001;
        readings[Slot::i_a] = 241;
        panel.go(400ms);
        CHECK(panel.alarm("over_voltage"));
        CHECK(panel.alarm("over_current"));
        panel.set("over_voltage", 0);
        panel.set("rated_current_a", 100);
        panel.go(600ms);
        CHECK_FALSE(panel.alarm("over_voltage"));
        CHECK_FALSE(panel.alarm("over_current"));

        MeterSpec delta;
        delta.wiring = "P3L3";
        Panel lines{"kpm37", delta};
        for (const Slot slot : {Slot::u_ab, Slot::u_bc, Slot::u_ca})
            lines.states[0].readings[slot] = 220;
        lines.states[0].readings[Slot::u_a] = 0;
        lines.states[0].readings[Slot::p] = 2286; // sqrt(3) x 220 V x 5 A x 120 %
        lines.go(200ms);
        CHECK_FALSE(lines.alarm("voltage_loss"));
        CHECK_FALSE(lines.alarm("over_load"));
        lines.states[0].readings[Slot::p] = 2287;
        lines.go(400ms);
        CHECK(lines.alarm("over_load"));
    }

    TEST_CASE(
        "In alarm mode a relay closes with the first alarm and opens with the last, and takes "
        "no command") {
        Panel panel{"kpm37", with({{"relay_alarm", {}, 1}, {"relay_pulse", {}, 0}})};
        panel.go(1s);
        CHECK_FALSE(panel.relay());
        panel.states[0].readings[Slot::i_a] = 7;
        panel.states[0].readings[Slot::u_a] = 270;
        panel.go(1200ms);
        CHECK(panel.relay());
        CHECK_FALSE(panel.relay(1));
        panel.states[0].readings[Slot::i_a] = 5;
        panel.go(2s);
        CHECK(panel.relay()); // one is left
        panel.set("relay_1", 0);
        CHECK(panel.relay());
        panel.states[0].readings[Slot::u_a] = 220;
        panel.go(2200ms);
        CHECK_FALSE(panel.relay());
        panel.set("relay_1", 1);
        CHECK_FALSE(panel.relay());
        panel.set("relay_alarm", 0);
        panel.set("relay_1", 1);
        CHECK(panel.relay());

        test::Bench bench{"kpm37", with({{"relay_alarm", {}, 2}})};
        CHECK(bench.circuit().set("relay_1", 1, Access::wire));
        CHECK(bench.circuit().set("relay_2", 1, Access::wire).error() == Refusal::busy);
        CHECK_FALSE(bench.meter.image().memory.relay(1));
    }

    TEST_CASE("An alarm that outlasts a power cut moves its relay again") {
        Panel panel{"kpm53", with({{"relay_alarm", {}, 3}})};
        panel.states[0].readings[Slot::i_b] = 6.5;
        panel.go(1s);
        CHECK(panel.relay(0));
        CHECK(panel.relay(1));
        panel.power(false);
        CHECK_FALSE(panel.relay(0));
        CHECK_FALSE(panel.alarm("over_current"));
        panel.go(5s);
        CHECK_FALSE(panel.relay(0));
        panel.power(true);
        panel.go(5200ms);
        CHECK(panel.relay(0));
        panel.power(false);
        panel.states[0].readings[Slot::i_b] = 1;
        panel.power(true);
        panel.go(6s);
        CHECK_FALSE(panel.relay(0));
    }

    TEST_CASE("A KPM312's relay, too, acts again after a power cut, that of the circuit in alarm") {
        Panel panel{"kpm312", with({{"relay_alarm", {}, 1}})};
        panel.states[2].readings[Slot::i_b] = 6.5; // of 5 A
        panel.go(1s);
        CHECK(panel.relay(2));
        panel.power(false);
        CHECK_FALSE(panel.relay(2));
        panel.go(5s);
        panel.power(true);
        panel.go(5200ms);
        for (int n = 0; n < 4; ++n)
            CHECK(panel.relay(n) == (n == 2));
        panel.states[2].readings[Slot::i_b] = 1;
        panel.go(6s);
        CHECK_FALSE(panel.relay(2));
    }

    TEST_CASE("With pulse output an alarm gives one pulse when it comes") {
        Panel panel{"kpm37", with({{"relay_alarm", {}, 1}})};
        panel.states[0].readings[Slot::i_a] = 7;
        panel.go(200ms);
        CHECK(panel.relay());
        panel.go(600ms);
        CHECK_FALSE(panel.relay());
        panel.go(5s);
        CHECK_FALSE(panel.relay());
        panel.states[0].readings[Slot::i_a] = 1;
        panel.go(6s);
        panel.states[0].readings[Slot::i_a] = 7;
        panel.go(6200ms);
        CHECK(panel.relay());
    }

    TEST_CASE("Each circuit of a KPM312 has set points of its own, and an input among its alarms") {
        Panel panel{"kpm312", with({{"relay_alarm", {}, 1}, {"over_current", 2, 50}})};
        for (std::size_t n = 0; n < 4; ++n)
            panel.states[n].readings[Slot::i_a] = 3; // of 5 A
        panel.go(200ms);
        CHECK(panel.alarm("over_current", 2));
        CHECK_FALSE(panel.alarm("over_current", 0));
        CHECK(panel.relay(2));
        CHECK_FALSE(panel.relay(0));
        // The input moves the relay once it is selected: an output that follows a contact.
        Command command{panel.now, {}};
        Intervention close;
        close.kind = InterventionKind::stimulate;
        close.circuit = 0;
        close.value = 1;
        command.also = {close};
        panel.program.carry_out(command, panel.now, panel);
        panel.go(1s);
        CHECK(panel.alarm("input", 0));
        CHECK_FALSE(panel.alarm("input", 1));
        CHECK_FALSE(panel.relay(0));
        panel.set("alarm_select", 8, 0);
        panel.go(2s);
        CHECK(panel.relay(0));
        CHECK(panel.relay(2));
    }

    TEST_CASE("Alarms and modes of relays are registers") {
        test::Bench bench{"kpm37"};
        CHECK(bench.read(0x0500, 4) == std::vector<std::uint16_t>{0, 3, 200, 127});
        CHECK_FALSE(bench.write(0x0500, {1, 2, 500, 4}));
        CHECK(bench.read(0x0500, 4) == std::vector<std::uint16_t>{1, 2, 500, 4});
        CHECK(bench.write(0x0502, {19}) == Refusal::out_of_range);
        bench.meter.image().memory.alarms[0] = 0b101'0010;
        CHECK(bench.value("alarms") == 0b101'0010);
        CHECK(bench.write(0x0508, {1}) == Refusal::read_only);
        CHECK_FALSE(bench.write(0x002E, {100, 5})); // Un and In
        CHECK(bench.setting("rated_voltage_v") == 100);
    }

    TEST_CASE("An alarm that cannot be is refused when it is loaded") {
        const auto says = [](const std::string& alarm, const std::string& what) {
            const auto model =
                test::OwnModel{test::own_keys + test::own_tables +
                                   "[[alarm]]\nname = \"x\"\ntitle = \"X\"\n" + alarm,
                               test::own_map};
            CHECK_MESSAGE(model.says(what), model.mistakes());
        };
        says("of = [\"e_p_import\"]\nabove = \"baud\"\n", "\"e_p_import\" is no reading");
        says("of = [\"u_a\"]\nabove = \"oV\"\n", "there is no setting \"oV\"");
        says("of = [\"u_a\"]\n", "above = ");
        says("of = [\"u_a\"]\nabove = \"baud\"\nbelow = \"baud\"\n", "exclude each other");
        says("above = \"baud\"\n", "of = ");
        says("input = 1\n", "the meter has no inputs");
    }
}
