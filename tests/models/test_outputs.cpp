// Pulse and analogue outputs, what is beyond the inputs, and documents that contradict each other.
#include "program_rig.hpp"

#include "models/engine/analog_output.hpp"
#include "models/engine/overload.hpp"

#include <cmath>
#include <numbers>

using namespace kpmsim;
using namespace std::chrono_literals;
using doctest::Approx;
using test::Bench;

namespace {

constexpr auto out_of_range = Refusal::out_of_range;

MeterSpec with(std::vector<Preset> settings, const std::string& rating = "",
               const std::string& wiring = "") {
    MeterSpec spec;
    spec.settings = std::move(settings);
    spec.wiring = wiring;
    if (!rating.empty())
        spec.ratings = {rating};
    return spec;
}

MeterSpec following(Ruling ruling) {
    MeterSpec spec;
    spec.firmware.add(ruling);
    return spec;
}

/// What a KPM53 puts out for a reading.
double output(Bench& b, double number, Slot slot, double value) {
    REQUIRE(b.circuit().set("transmitting", number, Access::wire));
    b.states[0].readings[slot] = value;
    b.publish(test::civil("2026-01-12T16:39:00"));
    return b.circuit().get("output_ma", Access::wire)->number;
}

/// The W that a receiver makes of a current, by the manual's formula.
double by_formula(double ma, double pe_w, double ct, double pt) {
    return (ma - 12) * pe_w * ct * pt / 8;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A KPM53's output: P = (Px - 12) Pe CT PT / 8, by the manual's four ratings") {
        struct Row {
            std::int64_t un_v;
            const char* rating;
            double pe_w;
        };
        // The manual prints 600 W for 100 V and 1 A: its other three rows are 3 Un In, and so is this.
        for (const Row& row :
             {Row{220, "5", 3300}, Row{220, "1", 660}, Row{100, "5", 1500}, Row{100, "1", 300}}) {
            CAPTURE(row.un_v);
            CAPTURE(row.rating);
            Bench b{"kpm53",
                    with({{"rated_voltage_v", {}, row.un_v}, {"pt", {}, 100}, {"ct", {}, 80}},
                         row.rating)};
            for (const double part : {0.0, 0.5, 1.0, -0.25, -1.0}) {
                const double p_w = part * row.pe_w * 80 * 100;
                const double ma = output(b, 12, Slot::p, p_w);
                CHECK(by_formula(ma, row.pe_w, 80, 100) == Approx(p_w));
            }
            CHECK(output(b, 12, Slot::p, 0) == 12);
            // Of a phase Pe is Un In.
            CHECK(output(b, 11, Slot::p_c, row.pe_w / 3 * 80 * 100) == Approx(20));
        }
    }

    TEST_CASE("A KPM53's output puts out each of 25 quantities in star, from 4 to 20 mA") {
        Bench b{"kpm53"};
        const double line_v = 220 * std::numbers::sqrt3;
        struct Row {
            double number;
            Slot slot;
            double at_4, at_20;
        };
        std::vector<Row> rows;
        const auto three = [&](double first, Slot slot, double at_4, double at_20) {
            for (int n = 0; n < 3; ++n)
                rows.push_back({first + n, slot_at(slot, n), at_4, at_20});
        };
        three(0, Slot::u_a, 0, 220);
        three(3, Slot::i_a, 0, 5);
        three(6, Slot::u_ab, 0, line_v);
        three(9, Slot::p_a, -1100, 1100);
        rows.push_back({12, Slot::p, -3300, 3300});
        three(13, Slot::q_a, -1100, 1100);
        rows.push_back({16, Slot::q, -3300, 3300});
        three(17, Slot::s_a, 0, 1100);
        rows.push_back({20, Slot::s, 0, 3300});
        three(21, Slot::pf_a, -1, 1);
        rows.push_back({24, Slot::pf, -1, 1});
        REQUIRE(rows.size() == 25);
        for (const Row& row : rows) {
            CAPTURE(row.number);
            CHECK(output(b, row.number, row.slot, row.at_4) == Approx(4));
            CHECK(output(b, row.number, row.slot, (row.at_4 + row.at_20) / 2) == Approx(12));
            CHECK(output(b, row.number, row.slot, row.at_20) == Approx(20));
        }
        CHECK(b.write(0x0028, {25}) == out_of_range); // F is delta's alone
        CHECK(b.write(0x0028, {26}) == out_of_range);
    }

    TEST_CASE("Beyond its range the output goes on to 24 mA at 120 %, or as the formula has it") {
        Bench b{"kpm53"};
        CHECK(output(b, 0, Slot::u_a, 1.1 * 220) == Approx(22));
        CHECK(output(b, 0, Slot::u_a, 1.2 * 220) == Approx(24));
        CHECK(output(b, 0, Slot::u_a, 2 * 220) == 24);
        CHECK(output(b, 12, Slot::p, 1.2 * 3300) == Approx(24));
        CHECK(output(b, 12, Slot::p, -1.1 * 3300) == Approx(2));
        CHECK(output(b, 12, Slot::p, -2 * 3300) == 0);
        Bench straight{"kpm53", following(Ruling::straight_line)};
        CHECK(output(straight, 0, Slot::u_a, 1.2 * 220) == Approx(4 + 1.2 * 16));
        CHECK(output(straight, 12, Slot::p, 1.2 * 3300) == Approx(12 + 1.2 * 8));
        CHECK(output(straight, 12, Slot::p, 2 * 3300) == 24);
        CHECK(by_formula(output(straight, 12, Slot::p, 1.4 * 3300), 3300, 1, 1) ==
              Approx(1.4 * 3300));
    }

    TEST_CASE("In delta the output has eleven quantities, and a wiring that is written another") {
        Bench b{"kpm53", with({}, "", "2LL3CT")};
        CHECK(b.setting("transmitting") == 3); // Ia: the first of delta's list
        for (int n = 0; n < 27; ++n) {
            CAPTURE(n);
            const bool has =
                (n >= 3 && n <= 8) || n == 12 || n == 16 || n == 20 || n == 24 || n == 25;
            CHECK(b.write(0x0028, {static_cast<std::uint16_t>(n)}) ==
                  (has ? std::nullopt : std::optional{out_of_range}));
        }
        CHECK(output(b, 6, Slot::u_ab, 220) == Approx(20)); // Un is between lines
        CHECK(output(b, 12, Slot::p, 3300) == Approx(20));  // Pe has no word of the wiring
        CHECK(output(b, 12, Slot::p, -3300) == Approx(4));
        CHECK(output(b, 16, Slot::q, 1650) == Approx(16));
        CHECK(output(b, 20, Slot::s, 3300) == Approx(20));
        CHECK(output(b, 25, Slot::f, 45) == Approx(4));
        CHECK(output(b, 25, Slot::f, 50) == Approx(8));
        CHECK(output(b, 25, Slot::f, 65) == Approx(20));
        CHECK(output(b, 25, Slot::f, 0) == Approx(4));
        CHECK_FALSE(b.write(0x0003, {0})); // 3Ln3CT
        CHECK(b.setting("transmitting") == 0);
        CHECK_FALSE(b.write(0x0028, {12}));
        CHECK_FALSE(b.write(0x0003, {2})); // 2LL2CT has P, too
        CHECK(b.setting("transmitting") == 12);
        CHECK(b.write(0x0003, {3}) == out_of_range);
    }

    TEST_CASE("Of several values in one write each meets the meter as those before it leave it") {
        Bench b{"kpm53"};
        const auto set = [&](const std::vector<std::pair<const char*, double>>& values) {
            std::vector<Assignment> what;
            for (const auto& [name, value] : values)
                what.push_back({*b.circuit().type().points.find(name), 0, value});
            const auto done = b.meter.set(std::move(what), Access::wire);
            return done ? std::nullopt : std::optional{done.error()};
        };
        // F is delta's alone, Ua star's.
        CHECK(set({{"transmitting", 25}, {"wiring", 1}}) == out_of_range);
        CHECK(set({{"wiring", 1}, {"transmitting", 0}}) == out_of_range);
        CHECK(b.setting("wiring") == 0); // all or nothing
        CHECK(b.setting("transmitting") == 0);
        CHECK_FALSE(set({{"wiring", 1}, {"transmitting", 25}}));
        CHECK(b.setting("wiring") == 1);
        CHECK(b.setting("transmitting") == 25);
        CHECK_FALSE(set({{"wiring", 0}, {"transmitting", 24}}));
        CHECK(b.setting("transmitting") == 24);
        // A relay is commanded or moved by alarms.
        CHECK(set({{"relay_alarm", 1}, {"relay_1", 1}}) == Refusal::busy);
        CHECK(b.setting("relay_alarm") == 0);
        CHECK_FALSE(set({{"relay_alarm", 1}}));
        CHECK(set({{"relay_1", 1}, {"relay_alarm", 0}}) == Refusal::busy);
        CHECK_FALSE(set({{"relay_alarm", 0}, {"relay_1", 1}}));
        CHECK(b.value("relays") == 1);
        CHECK(b.meter.take_commands().size() == 4);
    }

    TEST_CASE("Without supply no current flows out") {
        Bench b{"kpm53"};
        CHECK(output(b, 0, Slot::u_a, 110) == Approx(12));
        b.meter.image().memory.auxiliary.push_back({1, false});
        CHECK(b.circuit().get("output_ma", Access::wire)->number == 0);
    }

    TEST_CASE("Pulse constants are those of the rating, a KPM53's that of its menu") {
        for (const auto& [rating, constant] :
             {std::pair{"5", 3200}, {"1", 3200}, {"100", 1600}, {"400", 900}, {"800", 900}}) {
            CAPTURE(rating);
            Bench b{"kpm37", with({}, rating)};
            CHECK(b.value("pulse_constant") == constant);
            CHECK(b.value("pulse_width") == 80);
            CHECK(pulse_constant(b.meter.spec(), b.meter.image().memory, 0) == constant);
        }
        Bench b{"kpm53"};
        CHECK(b.write(0x0027, {399}) == out_of_range);
        CHECK(b.write(0x0027, {10000}) == out_of_range);
        CHECK(pulse_constant(b.meter.spec(), b.meter.image().memory, 0) == 3200);
        CHECK_FALSE(b.write(0x0027, {9999}));
        CHECK(pulse_constant(b.meter.spec(), b.meter.image().memory, 0) == 9999);
        CHECK_FALSE(b.write(0x0027, {400}));
        CHECK(b.setting("pulse_constant") == 400);
    }

    TEST_CASE("Firmware and its date are texts in registers") {
        const auto text = [](Bench& b, int first, std::size_t words) {
            return decode_text(b.read(first, words).value());
        };
        for (const auto& [model, version] :
             {std::pair{"kpm312", "AV1.0202206"}, {"kpm37", "AV4.5.2407"}, {"kpm53", "V2.2"}}) {
            Bench b{model};
            CHECK(text(b, 0x0D18, 6) == version);
            CHECK(b.circuit().get("firmware_version", Access::wire)->text == version);
        }
        Bench b{"kpm53"};
        CHECK(text(b, 0x0D1E, 5) == "2018.05.08");
    }

    TEST_CASE("Voltages out of the measuring range are marked, at both ends") {
        const auto marks = [](Bench& b, std::array<double, 6> volts) {
            for (int n = 0; n < 3; ++n) {
                b.states[0].readings[slot_at(Slot::u_a, n)] = volts[static_cast<std::size_t>(n)];
                b.states[0].readings[slot_at(Slot::u_ab, n)] =
                    volts[static_cast<std::size_t>(3 + n)];
            }
            return std::pair{b.value("u_below_range"), b.value("u_above_range")};
        };
        Bench b{"kpm312"}; // 85 to 260 V; of lines its manual says nothing
        CHECK(marks(b, {85, 260, 220, 0, 900, 380}) == std::pair{0.0, 0.0});
        CHECK(marks(b, {84.9, 260.1, 0, 380, 380, 380}) == std::pair{5.0, 2.0});
        Bench sheet{"kpm312", following(Ruling::data_sheet)}; // 50 to 260 V, lines 90 to 450 V
        CHECK(marks(sheet, {50, 260, 49.9, 89.9, 450, 450.1}) == std::pair{12.0, 32.0});
        Bench k37{"kpm37",
                  with({{"pt", {}, 1000}})}; // 10 to 400 V, lines 90 to 660 V, behind 100:1
        CHECK(marks(k37, {1000, 40'000, 999, 9000, 66'000, 66'001}) == std::pair{4.0, 32.0});
        Bench delta{"kpm37", with({}, "", "P3L3")};
        CHECK(marks(delta, {0, 0, 0, 89, 380, 661}) == std::pair{8.0, 32.0});
    }

    TEST_CASE(
        "1.2 times is borne for good, 2 Un for 10 s and 20 In for 1 s, and not a window more") {
        const Bearable can = bearable({}, 220, 0, 5);
        const auto run = [&](Overload& overload, std::size_t input, double size, SimDuration from,
                             SimDuration length) {
            TerminalRms rms{};
            rms[input] = size;
            return overload.bear({SimTime{} + from, length, 10}, rms, can);
        };
        struct Row {
            std::size_t input;
            double size;
            SimDuration borne;
        };
        for (const Row& row : {Row{0, 440, 10s}, Row{2, 440, 10s}, Row{3, 100, 1s}, Row{5, 100, 1s},
                               Row{3, 30, SimDuration{11'532'407'407}}}) { // 6 In: as much heat
            CAPTURE(row.input);
            CAPTURE(row.size);
            Overload at_once;
            CHECK_FALSE(run(at_once, row.input, row.size, 1s, row.borne));
            CHECK(at_once.beyond == 0);
            const auto first = run(at_once, row.input, row.size, 1s + row.borne, 200ms);
            REQUIRE(first);
            CHECK(*first >= SimTime{} + 1s + row.borne);
            CHECK(*first - (SimTime{} + 1s + row.borne) < 1ms);
            CHECK(at_once.beyond == 1u << row.input);
            CHECK_FALSE(run(at_once, row.input, row.size, 20s, 10s)); // told once
            Overload in_windows;
            for (SimDuration t = 0s; t < row.borne; t += 200ms)
                CHECK_FALSE(run(in_windows, row.input, row.size, t,
                                std::min<SimDuration>(200ms, row.borne - t)));
        }
        Overload lasting;
        CHECK_FALSE(run(lasting, 0, 264, 0s, 24h));
        CHECK_FALSE(run(lasting, 4, 6, 0s, 24h));
        Overload cooled; // half full, as long below as it takes, and half again
        CHECK_FALSE(run(cooled, 3, 100, 0s, 600ms));
        CHECK_FALSE(run(cooled, 3, 0, 1s, 600s));
        CHECK_FALSE(run(cooled, 3, 100, 700s, 600ms));
        CHECK(run(cooled, 3, 100, 701s, 600ms));
        // What is measured is borne: KPM37 measures 400 V, beyond 1.2 times 220 V.
        Overload measured;
        CHECK_FALSE(
            measured.bear({SimTime{}, 24h, 10}, {400, 400, 400}, bearable({}, 220, 400, 5)));
    }

    TEST_CASE("What the menu lacks is refused by a firmware that follows it") {
        Bench b{"kpm312"};
        CHECK(b.circuit().set("second_interval_s", 600, Access::wire));
        CHECK(b.circuit().set("minute_interval_min", 1440, Access::wire));
        Bench menu{"kpm312", following(Ruling::menu)};
        CHECK(menu.circuit().set("second_interval_s", 600, Access::wire).error() == out_of_range);
        CHECK(menu.circuit().set("minute_interval_min", 1440, Access::wire).error() ==
              out_of_range);
        for (const double s : {30.0, 60.0, 300.0, 900.0, 1200.0, 1800.0, 3600.0})
            CHECK(menu.circuit().set("second_interval_s", s, Access::wire));
        for (const double min : {1.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0})
            CHECK(menu.circuit().set("minute_interval_min", min, Access::wire));
        Bench k37{"kpm37", following(Ruling::menu)};
        CHECK(k37.circuit().set("second_interval_s", 600, Access::wire).error() == out_of_range);
        CHECK(k37.circuit().set("minute_interval_min", 1440, Access::wire)); // its menu has that
    }

    TEST_CASE("Starting currents are mA of the 5 A level, or plain mA") {
        for (const bool plain : {false, true}) {
            MeterSpec spec = plain ? following(Ruling::plain_ma) : MeterSpec{};
            spec.ratings = {"A", "B", "C", "D"};
            const auto start_a = Bench{"kpm312", spec}.metering_settings().start_current_a;
            CHECK(start_a[0] == Approx(0.020));
            CHECK(start_a[3] == Approx(plain ? 0.020 : 3.2));
        }
    }

    TEST_CASE("The data sheet's accuracy counts for a unit that follows it") {
        const MeterSpec manual = Bench::filled("kpm312", {});
        const MeterSpec sheet = Bench::filled("kpm312", following(Ruling::data_sheet));
        CHECK(accuracy_of(manual).at(0).u == Approx(0.005));
        CHECK(accuracy_of(sheet).at(3).u == Approx(0.002));
        CHECK(accuracy_of(manual).at(0).active == *active_class("1"));
        CHECK(accuracy_of(sheet).at(0).active == *active_class("0.5S"));
        CHECK(residual_error(sheet, 1) == Approx(0.01));
    }

    TEST_CASE("A model knows the rulings that make a difference to it") {
        const auto known = [](const char* model) {
            std::string all;
            for (const std::string_view name : ruling_names())
                if (test::library().find(model)->knows(*find_ruling(name)))
                    all += std::string{name} + ' ';
            return all;
        };
        CHECK(known("kpm312") == "menu plain-ma data-sheet day-data ");
        CHECK(known("kpm37") == "menu plain-ma ");
        CHECK(known("kpm53") == "straight-line ");
        CHECK_FALSE(find_ruling("manual"));
    }

    TEST_CASE("Factory settings are those of the unit, whatever it was told") {
        test::ProgramRig rig{"kpm37", with({{"ct", {}, 400}, {"demand_minutes", {}, 5}}, "100"),
                             test::civil("2026-03-01T12:00:00")};
        const auto setting = [&](const char* name) {
            return rig.program.memory().setting(*rig.spec.type->setting(name));
        };
        CHECK(setting("ct") == 400);
        Command command{SimTime{}, {}};
        command.also.emplace_back();
        command.also.back().kind = InterventionKind::factory;
        const Effects effects = rig.program.carry_out(command, SimTime{}, rig);
        CHECK(effects.metering);
        CHECK(setting("ct") == 10);
        CHECK(setting("demand_minutes") == 15);
        CHECK(setting("rated_current_a") == 100); // that is soldered
        CHECK(setting("radio") == 1);
        CHECK(setting("address") == 1);
    }
}
