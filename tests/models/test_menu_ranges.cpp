// The tables of the menus: what each item is from the factory, from where to where it is set, and what it does, through the
// registers of each model's own map.
#include "fixture.hpp"

#include "models/engine/alarms.hpp"

#include <array>

using namespace kpmsim;
using test::Bench;
using Words = std::vector<std::uint16_t>;
using enum Refusal;

namespace {

std::uint16_t word(std::int64_t number) { return static_cast<std::uint16_t>(number); }

/// A row of a menu's table, in words of its register.
struct Item {
    std::string name;
    int factory, least, most;
    int parts{1}; ///< words to one of what the menu shows
};

struct Menu {
    std::string model;
    std::vector<Item> items;
};

// Set points of KPM312 and KPM53 and what is set of relays are ours; the other rows are the manuals'.
const std::vector<Menu> menus{{"kpm312",
                               {{"password", 6666, 0, 9999},
                                {"address", 1, 1, 244},
                                {"pt", 1, 1, 9999},
                                {"ct", 1, 1, 9999},
                                {"backlight_min", 1, 0, 120},
                                {"demand_minutes", 5, 0, 120},
                                {"start_current_ma", 20, 1, 9999},
                                {"settlement_day", 1, 1, 28},
                                {"lora_channel", 4755, 4100, 5250},
                                {"lora_speed", 9, 7, 12},
                                {"radio", 1, 0, 2}, // WiFi, as the plate says
                                {"radio_protocol", 0, 0, 1},
                                {"log_output", 0, 0, 1},
                                {"relay_alarm", 0, 0, 1},
                                {"relay_pulse", 0, 0, 1},
                                {"relay_pulse_ms", 200, 20, 10000},
                                {"alarm_select", 7, 0, 15}}},
                              {"kpm37",
                               {{"password", 6666, 0, 9999},
                                {"address", 1, 1, 247},
                                {"wiring", 0, 0, 2},
                                {"pt", 10, 1, 60000, 10},
                                {"ct", 10, 1, 60000, 10},
                                {"backlight_min", 1, 0, 120},
                                {"demand_minutes", 15, 0, 120},
                                {"start_current_ma", 15, 1, 9999},
                                {"direction", 0, 0, 7},
                                {"protocol", 0, 0, 1},
                                {"voltage_loss", 20, 0, 40},
                                {"low_voltage", 80, 0, 100},
                                {"over_voltage", 120, 0, 200},
                                {"over_current", 120, 0, 200},
                                {"over_load", 120, 0, 200},
                                {"unbalance_u", 2, 0, 100},
                                {"unbalance_i", 10, 0, 100},
                                {"settlement_day", 1, 1, 28},
                                {"lora_channel", 4755, 4300, 5250},
                                {"lora_speed", 7, 7, 12},
                                {"radio", 1, 0, 2},
                                {"radio_protocol", 0, 0, 1},
                                {"log_output", 0, 0, 1}}},
                              {"kpm53",
                               {{"password", 6666, 0, 9999},
                                {"address", 1, 1, 247},
                                {"wiring", 0, 0, 2},
                                {"pt", 1, 1, 9999},
                                {"ct", 1, 1, 9999},
                                {"backlight_min", 1, 0, 120},
                                {"pulse_constant", 3200, 400, 9999},
                                {"start_current_ma", 10, 1, 9999},
                                {"over_voltage", 120, 0, 200},
                                {"over_current", 120, 0, 200},
                                {"over_load", 120, 0, 200}}}};

/// An item whose values are a list.
struct Listed {
    std::string model, name;
    std::vector<int> values;
};

const std::vector<Listed> lists{
    {"kpm312", "second_interval_s", {30, 60, 300, 600, 900, 1200, 1800, 3600}},
    {"kpm312", "minute_interval_min", {1, 5, 10, 15, 20, 30, 60, 1440}},
    {"kpm37", "second_interval_s", {30, 60, 300, 600, 900, 1200, 1800, 3600}},
    {"kpm37", "minute_interval_min", {1, 5, 10, 15, 20, 30, 60, 1440}},
    {"kpm37", "rated_voltage_v", {100, 220}},
    {"kpm37", "rated_current_a", {1, 5, 100, 400, 800}},
    {"kpm53", "rated_voltage_v", {100, 220, 400}},
    {"kpm53", "rated_current_a", {1, 5, 10}}};

int place(const Bench& b, const std::string& name) {
    const RegisterRow* row = b.meter.type().registers.find(name);
    REQUIRE_MESSAGE(row != nullptr, name);
    return row->address;
}

/// Year to second as a clock's three words.
Words clock_words(const std::array<int, 6>& f) {
    return {word((f[0] - 2000) << 8 | f[1]), word(f[2] << 8 | f[3]), word(f[4] << 8 | f[5])};
}

/// Whether a meter's n-th alarm holds with one reading at this size.
bool alarms(const Bench& b, std::size_t n, int circuit, Slot slot, double size) {
    Readings readings;
    readings[slot] = size;
    const MeterMemory& memory = b.meter.image().memory;
    return (Watch{b.meter.spec(), memory}.alarms(circuit, readings, memory) >> n & 1u) != 0;
}

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("A menu's item has its factory value, and is set from its least to its most and no "
              "further") {
        for (const Menu& menu : menus)
            for (const Item& item : menu.items) {
                CAPTURE(menu.model);
                CAPTURE(item.name);
                Bench b{menu.model};
                const int at = place(b, item.name);
                CHECK(b.read(at, 1) == Words{word(item.factory)});
                for (const int number : {item.least, item.most}) {
                    CHECK_FALSE(b.write(at, {word(number)}));
                    CHECK(b.read(at, 1) == Words{word(number)});
                    CHECK(b.value(item.name) ==
                          doctest::Approx(static_cast<double>(number) / item.parts));
                }
                CHECK(b.write(at, {word(item.most + 1)}) == out_of_range);
                CHECK(b.write(at, {word(item.least - 1)}) == out_of_range);
                CHECK(b.read(at, 1) == Words{word(item.most)});
            }
    }

    TEST_CASE("Where the menu has a list, its values are set and no others") {
        for (const Listed& list : lists) {
            CAPTURE(list.model);
            CAPTURE(list.name);
            Bench b{list.model};
            const int at = place(b, list.name);
            std::vector<int> taken;
            for (int number = 0; number <= 4000; ++number) {
                if (const auto refused = b.write(at, {word(number)})) {
                    REQUIRE(*refused == out_of_range);
                    continue;
                }
                taken.push_back(number);
                CHECK(b.setting(list.name) == number);
            }
            CHECK(taken == list.values);
        }
    }

    TEST_CASE("Six speeds, and the formats of the manual: 8E1, 8O1, 8N1, and a KPM53's 8N2") {
        const std::array bauds{1200, 2400, 4800, 9600, 19200, 38400};
        for (const auto& [model, formats] :
             {std::pair{"kpm312", 3}, std::pair{"kpm37", 3}, std::pair{"kpm53", 4}}) {
            CAPTURE(model);
            Bench b{model};
            CHECK(b.read(0x0002, 1) == Words{0x0203}); // 9600 bps, 8N1
            for (int format = 0; format < 6; ++format)
                for (int code = 0; code < 8; ++code) {
                    const auto refused = b.write(0x0002, {word(format << 8 | code)});
                    if (format >= formats || code >= 6) {
                        CHECK(refused == out_of_range);
                        continue;
                    }
                    CHECK_FALSE(refused);
                    CHECK(b.setting("baud") == bauds[static_cast<std::size_t>(code)]);
                    CHECK(b.setting("format") == format);
                }
        }
    }

    TEST_CASE(
        "Every model's clock is set by its register, and a date that there is not is refused") {
        for (const std::string& model : test::library().names()) {
            CAPTURE(model);
            Bench b{model};
            const int at = place(b, "clock");
            CHECK_FALSE(b.write(at, clock_words({2028, 2, 29, 12, 34, 56})));
            CHECK(b.meter.rtc() == test::civil("2028-02-29T12:34:56"));
            for (const std::array<int, 6>& wrong :
                 {std::array{2026, 2, 30, 12, 0, 0}, std::array{2026, 2, 29, 12, 0, 0},
                  std::array{2026, 4, 31, 12, 0, 0}, std::array{2026, 13, 1, 12, 0, 0},
                  std::array{2026, 0, 1, 12, 0, 0}, std::array{2026, 1, 0, 12, 0, 0},
                  std::array{2026, 1, 32, 12, 0, 0}, std::array{2026, 1, 1, 24, 0, 0},
                  std::array{2026, 1, 1, 12, 60, 0}, std::array{2026, 1, 1, 12, 0, 60},
                  std::array{2100, 1, 1, 12, 0, 0}}) {
                CAPTURE(wrong[1]);
                CAPTURE(wrong[2]);
                CHECK(b.write(at, clock_words(wrong)) == out_of_range);
            }
            CHECK(b.read(at, 3) == clock_words({2028, 2, 29, 12, 34, 56}));
            b.publish(test::civil("2026-01-12T16:39:10"));
            CHECK(b.read(at, 3) == clock_words({2028, 2, 29, 12, 35, 6}));
        }
    }

    TEST_CASE("5578H clears every energy and month of every circuit, whichever is told") {
        for (const std::string& model : test::library().names()) {
            CAPTURE(model);
            Bench b{model};
            const std::size_t circuits = b.states.size();
            for (std::size_t n = 0; n < circuits; ++n) {
                b.states[n].energy[Energy::q_export_c] = test::wh(200);
                b.states[n].energy[Energy::p_import] = test::wh(4000);
                b.meter.image().memory.months[n].close(b.states[n].energy);
                b.states[n].energy[Energy::p_import] = test::wh(5000);
            }
            CHECK(b.value("e_p_import", circuits - 1) == 5);
            CHECK(b.value("e_p_total_month_1", circuits - 1) == 4);
            CHECK_FALSE(b.write(place(b, "command"), {0x5578}, circuits - 1));
            b.states = b.meter.image().metered;
            for (std::size_t n = 0; n < circuits; ++n) {
                CHECK(b.value("e_p_import", n) == 0);
                CHECK(b.value("e_q_export_c", n) == 0);
                CHECK(b.value("e_p_total_month_0", n) == 0);
                CHECK(b.value("e_p_total_month_1", n) == 0);
            }
        }
    }

    TEST_CASE("The wireless word of KPM312 and KPM37: no module, MQTT or debug, connected or not") {
        for (const std::string model : {"kpm312", "kpm37"}) {
            CAPTURE(model);
            Bench b{model};
            CHECK(b.read(0x001A, 1) == Words{0x0001});
            for (const int shown : {0x0101, 0x0002, 0x0102, 0x0001}) {
                b.meter.set_radio(word(shown));
                CHECK(b.read(0x001A, 1) == Words{word(shown)});
            }
            MeterSpec wired;
            wired.serial = serial_number(b.meter.type().serial, Carrier::rs485, 2026, 1, 1);
            CHECK(Bench{model, wired}.read(0x001A, 1) == Words{0x0000});
        }
    }
}

TEST_SUITE("unit") {

    TEST_CASE("Ratios, demand window and starting current reach the metering at both ends of their "
              "ranges") {
        struct Row {
            std::string model;
            int most;
            double parts;
            double start_a;
        };
        for (const Row& row : {Row{"kpm312", 9999, 1, 0.020}, Row{"kpm37", 60000, 10, 0.015},
                               Row{"kpm53", 9999, 1, 0.010}}) {
            CAPTURE(row.model);
            Bench b{row.model};
            for (std::size_t n = 0; n < b.states.size(); ++n)
                CHECK(b.metering_settings().start_current_a[n] == doctest::Approx(row.start_a));
            for (const auto& [ratio, minutes, ma] :
                 {std::array{row.most, 120, 9999}, std::array{1, 1, 1}})
                for (std::size_t n = 0; n < b.states.size(); ++n) {
                    // PT, CT, width of the demand window, starting current
                    CHECK_FALSE(
                        b.write(0x0004, {word(ratio), word(ratio), word(minutes), word(ma)}, n));
                    const MeteringSettings s = b.metering_settings();
                    CHECK(s.pt == doctest::Approx(ratio / row.parts));
                    CHECK(s.ct[n] == doctest::Approx(ratio / row.parts));
                    CHECK(s.demand_minutes == minutes);
                    CHECK(s.start_current_a[n] == doctest::Approx(0.001 * ma));
                }
        }
    }

    TEST_CASE("A KPM312's limits are percentages of 220 V, in each circuit") {
        const Bench b{"kpm312"};
        CHECK(b.meter.type().nominal_u_v == 220);
        REQUIRE(b.meter.type().alarms[0].name == "over_voltage");
        for (int circuit = 0; circuit < 4; ++circuit) { // from the factory 120 %
            CHECK_FALSE(alarms(b, 0, circuit, Slot::u_b, 263.99));
            CHECK(alarms(b, 0, circuit, Slot::u_b, 264.01));
        }
    }

    TEST_CASE("A KPM53's limits are of the rated voltage and current that its menu has") {
        for (const int un : {100, 220, 400})
            for (const int in : {1, 5, 10}) {
                CAPTURE(un);
                CAPTURE(in);
                Bench b{"kpm53"};
                REQUIRE(b.meter.type().alarms[0].name == "over_voltage");
                REQUIRE(b.meter.type().alarms[1].name == "over_current");
                CHECK_FALSE(b.write(0x002E, {word(un), word(in)}));
                CHECK_FALSE(alarms(b, 0, 0, Slot::u_c, 1.1999 * un));
                CHECK(alarms(b, 0, 0, Slot::u_c, 1.2001 * un));
                CHECK_FALSE(alarms(b, 1, 0, Slot::i_a, 1.1999 * in));
                CHECK(alarms(b, 1, 0, Slot::i_a, 1.2001 * in));
            }
    }

    TEST_CASE("A KPM53 is for 5 A, or by order for 1 A, in its menu and at its converter") {
        for (const auto& [rating, rated_a] : {std::pair{"", 5}, {"5", 5}, {"1", 1}}) {
            CAPTURE(rating);
            MeterSpec spec;
            if (*rating != '\0')
                spec.ratings = {rating};
            Bench b{"kpm53", spec};
            CHECK(b.value("rated_current_a") == rated_a);
            const MeteringConfig config = metering_config(b.meter.spec());
            CHECK(config.rated_a[0] == rated_a);
            CHECK(config.adc[3].full_scale == 4 * rated_a);
        }
    }

    TEST_CASE("KPM312 and KPM53 work with 85 to 265 V AC and with 80 to 300 V DC") {
        for (const char* const model : {"kpm312", "kpm53"}) {
            CAPTURE(model);
            REQUIRE(test::library().find(model)->auxiliary);
            const AuxiliaryRange& range = *test::library().find(model)->auxiliary;
            for (const AuxiliaryVoltage good :
                 {AuxiliaryVoltage{85, false}, {265, false}, {80, true}, {300, true}})
                CHECK(works_with(range, good));
            for (const AuxiliaryVoltage bad :
                 {AuxiliaryVoltage{84.9, false}, {265.1, false}, {79.9, true}, {300.1, true}})
                CHECK_FALSE(works_with(range, bad));
        }
    }

    TEST_CASE("A meter answers the functions of its manual, and no others") {
        for (const std::string& model : test::library().names()) {
            CAPTURE(model);
            std::vector<int> answered;
            for (int code = 1; code < 128; ++code)
                if (answers_function(*test::library().find(model), code))
                    answered.push_back(code);
            CHECK(answered ==
                  (model == "kpm33b" ? std::vector{1, 3, 5, 16} : std::vector{1, 2, 3, 5, 16}));
        }
    }
}
