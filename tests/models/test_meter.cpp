#include "fixture.hpp"

#include <array>
#include <cmath>

using namespace kpmsim;
using test::Bench;
using Words = std::vector<std::uint16_t>;
using enum Refusal;

namespace {

/// The points of the commands that were acknowledged since the last call.
std::vector<std::string> commanded(Meter& meter) {
    std::vector<std::string> names;
    for (const Command& command : meter.take_commands())
        for (const Assignment& each : command.what)
            names.push_back(meter.type().points[each.point].name);
    return names;
}

std::optional<Refusal> write_coil(Circuit& circuit, std::uint16_t address, bool closed) {
    const auto done = write_coils(circuit, address, {&closed, 1});
    return done ? std::nullopt : std::optional{done.error()};
}

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("A read may begin and end inside a float; a hole anywhere refuses it") {
        Bench b{"kpm33b"};
        b.states[0].readings[Slot::u_a] = 229.097;
        b.states[0].readings[Slot::u_b] = 1.0;
        CHECK(b.read(0x0030, 2) == Words{0x4365, 0x18D5});
        CHECK(b.read(0x0031, 2) == Words{0x18D5, 0x3F80});
        CHECK(b.read(0x0031, 1) == Words{0x18D5});
        CHECK(b.read(0x0030, 52)); // to F's last word
        CHECK_FALSE(b.read(0x0030, 53));
        CHECK_FALSE(b.read(0x002F, 2));
        CHECK_FALSE(b.read(0x0003, 1));
        CHECK_FALSE(b.read(0xFFFF, 3));
        CHECK(b.read(0x0012, 7) == Words{0x3333, 0x4231, 0x3232, 0x3539, 0x3530, 0x3032, 0x3700});
        CHECK(b.read(0x0002, 1) == Words{0x0003}); // 9600, 8E1: the factory value
    }

    TEST_CASE("A meter may have another word order than its model, in what is read and written") {
        MeterSpec spec;
        spec.word_order = WordOrder::cdab;
        Bench b{"kpm33b", spec};
        b.states[0].readings[Slot::u_a] = 229.097;
        CHECK(b.read(0x0030, 2) == Words{0x18D5, 0x4365});
        CHECK_FALSE(b.write(0x000E, {0x0000, 0x42C8})); // 100 kWh
        CHECK(b.setting("prepaid_energy") == 100);
        CHECK(b.read(0x0012, 2) == Words{0x3333, 0x4231}); // a text has its own order
        CHECK(Bench{"kpm33b"}.meter.word_order() == WordOrder::abcd);
    }

    TEST_CASE("Powers are in W on Modbus, energies in kWh") {
        Bench b{"kpm33b"};
        b.states[0].readings[Slot::p] = 6690.5;
        b.states[0].energy[Energy::p_import] = test::wh(163486);
        b.states[0].energy[Energy::p_export] = test::wh(1000);
        CHECK(b.value("p") == 6690.5);
        CHECK(b.value("e_p_import") == doctest::Approx(163.486).epsilon(1e-7));
        CHECK(b.value("e_p_total") == doctest::Approx(164.486).epsilon(1e-7));
    }

    TEST_CASE("A write is done as a whole or not at all") {
        Bench b{"kpm33b"};
        // Address and line in one frame; the second is wrong, so the first stays.
        CHECK(b.write(0x0001, {17, 0x0007}) == out_of_range);
        CHECK(b.circuit().address() == 1);
        CHECK_FALSE(b.write(0x0001, {17, 0x0204})); // 19200, 8N1
        CHECK(b.circuit().address() == 17);
        CHECK(b.setting("baud") == 19200);
        CHECK(b.setting("format") == 2);
        CHECK(b.read(0x0001, 2) == Words{17, 0x0204});

        CHECK(b.write(0x0002, {0x0003, 1}) == unknown); // 0003H is a hole
        CHECK(b.write(0x0030, {0, 0}) == read_only);    // a measurement
        CHECK(b.write(0x000E, {0}) == unknown);         // half of a float
        CHECK(b.write(0x000F, {0}) == unknown);         // the other half
        CHECK(b.write(0x0012, Words(7)) == read_only);  // the serial number
        CHECK(b.write(0x0001, {0}) == out_of_range);
        CHECK(b.write(0x0001, {248}) == out_of_range);
        CHECK(b.write(0x001E, {0x1234}) == out_of_range); // neither DD11 nor DD22
        CHECK_FALSE(b.write(0x001E, {0xDD11}));
        // An address error anywhere comes before a value error: 02, not 03.
        CHECK(b.write(0x0002, {0xFFFF, 1}) == unknown);
    }

    TEST_CASE("A float setting takes a number and nothing else") {
        Bench b{"kpm33b"};
        CHECK_FALSE(b.write(0x000E, {0x42C8, 0x0000})); // 100 kWh
        CHECK(b.setting("prepaid_energy") == 100);
        CHECK(b.read(0x000E, 2) == Words{0x42C8, 0x0000});
        CHECK(b.write(0x000E, {0x7FC0, 0x0000}) == out_of_range); // not a number
        CHECK(b.write(0x000E, {0x7F80, 0x0000}) == out_of_range); // infinity
        CHECK(b.write(0x000E, {0xBF80, 0x0000}) == out_of_range); // -1
        CHECK_FALSE(b.write(0x000C, {0x5579}));
        CHECK(b.setting("prepaid_energy") == 0);
    }

    TEST_CASE("The command register clears, reads 0, and refuses an unknown word") {
        Bench b{"kpm33b"};
        CHECK(b.read(0x000C, 1) == Words{0});
        CHECK(b.write(0x000C, {0x1234}) == out_of_range);
        CHECK(b.meter.take_commands().empty());
        b.states[0].energy[Energy::p_import] = test::wh(5000);
        CHECK(b.value("e_p_import") == 5);
        CHECK_FALSE(b.write(0x000C, {0x5578}));
        CHECK(b.meter.image().metered[0].energy[Energy::p_import] == test::wh(0)); // at once
        CHECK(commanded(b.meter) == std::vector<std::string>{"clear_energy"});
        CHECK(b.meter.take_commands().empty()); // taken once
        Bench k{"kpm37"};
        CHECK_FALSE(k.write(0x000C, {0x557A}));
        CHECK(commanded(k.meter) == std::vector<std::string>{"clear_demand_maxima"});
    }

    TEST_CASE("The clock is set over the wire and goes on with the site's") {
        Bench b{"kpm33b"};
        CHECK(b.read(0x0023, 3) == Words{0x1A01, 0x0C10, 0x2700}); // 2026-01-12 16:39:00
        CHECK_FALSE(b.write(0x0023, {0x0501, 0x0D00, 0x0000}));    // 2005-01-13 00:00:00
        CHECK(b.meter.rtc() == test::civil("2005-01-13T00:00:00"));
        b.publish(test::civil("2026-01-12T16:39:30"));
        CHECK(b.read(0x0023, 3) == Words{0x0501, 0x0D00, 0x001E});
        CHECK(b.write(0x0023, {0x1A0D, 0x0C10, 0x2700}) == out_of_range); // month 13
        CHECK(b.write(0x0023, {0x6401, 0x0D00, 0x0000}) == out_of_range); // the year 2100
        CHECK(b.write(0x0023, {0xFF01, 0x0D00, 0x0000}) == out_of_range);
        CHECK_FALSE(b.write(0x0023, {0x6301, 0x0D00, 0x0000})); // 2099
        CHECK(b.write(0x0024, {0, 0}) == unknown);
    }

    TEST_CASE("Spare words read as they were written") {
        Bench b{"kpm33b"};
        CHECK(b.read(0x000D, 1) == Words{0});
        CHECK_FALSE(b.write(0x000D, {0xBEEF}));
        CHECK_FALSE(b.write(0x001B, {0xAADD, 5}));
        CHECK(b.read(0x000D, 1) == Words{0xBEEF});
        CHECK(b.read(0x001B, 2) == Words{0xAADD, 5});
    }

    TEST_CASE("A ratio, a starting current and a demand width reach the metering") {
        Bench b{"kpm37"};
        CHECK(b.metering_settings().pt == 1.0);
        CHECK(b.metering_settings().start_current_a[0] == doctest::Approx(0.015));
        CHECK_FALSE(b.write(0x0004, {1000, 405, 30, 5})); // PT 100.0, CT 40.5, 30 min, 5 mA
        CHECK(commanded(b.meter) ==
              std::vector<std::string>{"pt", "ct", "demand_minutes", "start_current_ma"});
        const MeteringSettings s = b.metering_settings();
        CHECK(s.pt == 100.0);
        CHECK(s.ct[0] == 40.5);
        CHECK(s.demand_minutes == 30);
        CHECK(s.start_current_a[0] == doctest::Approx(0.005));
        CHECK(b.write(0x0004, {60001}) == out_of_range);
        CHECK(b.write(0x0004, {0}) == out_of_range);
        CHECK_FALSE(b.write(0x0003, {2}));
        CHECK(b.metering_settings().wiring == Wiring::p3l2);
        CHECK(b.write(0x0003, {3}) == out_of_range);
        CHECK_FALSE(b.write(0x000D, {6}));
        CHECK(b.metering_settings().reversed[0] == 6);
    }

    TEST_CASE("The four circuits of a KPM312 share what is the meter's and keep what is theirs") {
        MeterSpec spec;
        spec.serial = "31212256C0629";
        spec.address = 5;
        spec.ratings = {"A", "B", "C", "D"};
        Bench b{"kpm312", spec};
        REQUIRE(b.meter.circuits().size() == 4);
        CHECK(b.circuit(1).serial() == "31212256C0630");
        CHECK(b.circuit(3).address() == 8);
        b.states[2].readings[Slot::i_a] = 2.5;
        b.publish(test::civil("2026-01-12T16:39:00"));
        CHECK(b.value("i_a", 2) == 2.5);
        CHECK(b.value("i_a", 0) == 0);
        CHECK(b.value("rated_current_a", 3) == 800);

        CHECK_FALSE(b.write(0x0005, {20}, 1)); // CT of circuit 2
        CHECK_FALSE(b.write(0x0004, {10}, 3)); // PT through any circuit
        const MeteringSettings s = b.metering_settings();
        CHECK(s.ct == std::array<double, max_circuits>{1, 20, 1, 1});
        CHECK(s.pt == 10);
        CHECK(b.value("pt", 0) == 10);
        CHECK(b.value("ct", 0) == 1);
        // 20 mA at the 5 A level, scaled with the CT that belongs to the meter.
        CHECK(s.start_current_a[0] == doctest::Approx(0.020));
        CHECK(s.start_current_a[1] == doctest::Approx(0.4));
        CHECK(s.start_current_a[3] == doctest::Approx(3.2));

        CHECK(b.write(0x0001, {245}) == out_of_range); // four addresses must fit below 248
        CHECK_FALSE(b.write(0x0001, {244}));
        CHECK(b.circuit(3).address() == 247);
    }

    TEST_CASE("A converter takes 1.2 times the rated current with 40 % of harmonics, and 1.2 times "
              "the highest voltage") {
        MeterSpec spec;
        spec.ratings = {"A", "B", "C", "D"};
        const MeteringConfig c = metering_config(Bench{"kpm312", spec}.meter.spec());
        CHECK(c.circuits == 4);
        CHECK(c.wiring == Wiring::p4l);
        const std::array<double, 4> rated{5, 100, 400, 800};
        for (std::size_t circuit = 0; circuit < 4; ++circuit)
            for (std::size_t phase = 0; phase < 3; ++phase)
                CHECK(c.adc[3 + 3 * circuit + phase].full_scale >
                      1.2 * rated[circuit] * std::sqrt(2.0) * 1.4);
        CHECK(c.adc[0].full_scale > 1.2 * 260 * std::sqrt(2.0));
        const auto u_full_scale = [](const std::string& model) {
            return metering_config(Bench{model}.meter.spec()).adc[2].full_scale;
        };
        CHECK(u_full_scale("kpm37") > 1.2 * 660 * std::sqrt(2.0));
        CHECK(u_full_scale("kpm53") > 1.2 * 690 * std::sqrt(2.0));
        MeterSpec delta;
        delta.wiring = "2LL2CT";
        Bench k53{"kpm53", delta};
        CHECK(metering_config(k53.meter.spec()).wiring == Wiring::p3l2);
        CHECK(k53.value("wiring") == 2);
    }

    TEST_CASE("A clock that gains half a second a day is set right and gains on from there") {
        MeterSpec spec;
        spec.clock_error = 0.5 / 86400;
        spec.clock_since = test::civil("2026-01-01T00:00:00");
        Bench b{"kpm53", spec};
        b.publish(test::civil("2026-01-11T00:00:00"));
        CHECK(b.meter.rtc() == test::civil("2026-01-11T00:00:05"));
        const RegisterMap& map = b.meter.type().registers;
        const auto row = std::find_if(map.rows.begin(), map.rows.end(),
                                      [](const RegisterRow& r) { return r.name == "clock"; });
        REQUIRE(row != map.rows.end());
        std::vector<std::uint16_t> words(row->words);
        REQUIRE(read_registers(b.circuit(), row->address, words));
        REQUIRE(write_registers(b.circuit(), row->address, words)); // as it is: 5 s ahead
        b.publish(test::civil("2026-01-21T00:00:00"));
        CHECK(b.meter.rtc() == test::civil("2026-01-21T00:00:10"));
        CHECK(b.meter.image().memory.clock.offset_at(test::civil("2026-01-21T00:00:00")) == 10);
    }

    TEST_CASE("Each circuit of a KPM312 has one relay and one input; an unfitted option has none") {
        Bench b{"kpm312"};
        CHECK_FALSE(write_coil(b.circuit(2), 1, true));
        CHECK(b.meter.image().memory.relay(2));
        CHECK_FALSE(b.meter.image().memory.relay(1));
        bool bit[2] = {};
        CHECK(read_coils(b.circuit(2), 1, std::span{bit, 1}));
        CHECK(bit[0]);
        CHECK(b.value("relays", 2) == 1);
        CHECK_FALSE(read_coils(b.circuit(2), 1, bit)); // two of one
        CHECK(write_coil(b.circuit(2), 0, true) == unknown);
        CHECK(b.circuit(3).set("input_1", 0.0, Access::wire).error() == read_only);
        CHECK(b.circuit(3).set("input_1", 1.0, Access::local));
        CHECK(read_inputs(b.circuit(3), 1, std::span{bit, 1}));
        CHECK(bit[0]);

        MeterSpec bare;
        bare.relays_fitted = false;
        bare.inputs_fitted = false;
        Bench n{"kpm312", bare};
        CHECK(write_coil(n.circuit(), 1, true) == unknown);
        CHECK(read_inputs(n.circuit(), 1, std::span{bit, 1}).error() == unknown);
        CHECK(n.circuit().set("input_1", 1.0, Access::local).error() == unknown);
    }

    TEST_CASE("A KPM33B leaves the factory with its relay closed, the others with theirs open") {
        for (const std::string& model : test::library().names()) {
            Bench b{model};
            bool bit[1] = {};
            REQUIRE(read_coils(b.circuit(), 1, bit));
            CHECK(bit[0] == (model == "kpm33b"));
        }
    }

    TEST_CASE("A KPM33B's menu, ratings and starting currents are its manual's") {
        const MeterType& type = *test::library().find("kpm33b");
        const auto code = [&](const char* name) { return type.setting(name)->code; };
        CHECK(code("control_mode") == "CTrM");
        CHECK(code("direction") == "LinE");
        for (const SettingRow& row : type.settings)
            CHECK(row.code != "C_SE"); // which clears the paid energy: a command
        CHECK(type.registers.find("command")->title.find("5579H the paid energy (C_SE)") !=
              std::string::npos);
        REQUIRE(type.currents.size() == 2);
        CHECK(type.currents[0].rated_a == 100);
        CHECK(type.currents[0].ct_included);
        CHECK(type.currents[1].rated_a == 5);
        CHECK_FALSE(type.currents[1].ct_included);
        for (const CurrentRating& current : type.currents) {
            const AccuracyClass& limits = type.accuracy_of(current.code)->limits;
            CHECK(limits.u == doctest::Approx(0.002));
            CHECK(limits.i == doctest::Approx(0.002));
            CHECK(limits.f_hz == 0.02);
            CHECK(limits.active == ActiveClass::s05);
            CHECK(limits.reactive == ReactiveClass::two);
            // Imin and Itr: 0.01 and 0.05 of In.
            CHECK(limits.reference * current.rated_a == (current.ct_included ? 20 : 5));
        }
        MeterSpec spec;
        CHECK(Bench{"kpm33b", spec}.metering_settings().start_current_a[0] ==
              doctest::Approx(0.020));
        spec.ratings = {"5"};
        Bench behind{"kpm33b", spec};
        CHECK(behind.metering_settings().start_current_a[0] == doctest::Approx(0.001));
        CHECK(behind.circuit().set("ct", 40, Access::keys));
        CHECK(behind.metering_settings().ct[0] == 40);
    }

    TEST_CASE("The menu's radio is that of the plate") {
        for (const char* const model : {"kpm312", "kpm37"}) {
            for (const auto& [carrier, radio] : {std::pair{Carrier::lora, 0},
                                                 {Carrier::wifi, 1},
                                                 {Carrier::gsm, 2},
                                                 {Carrier::rs485, 0}}) {
                MeterSpec spec;
                spec.serial =
                    serial_number(test::library().find(model)->serial, carrier, 2026, 1, 1);
                CHECK(Bench{model, spec}.value("radio") == radio);
            }
        }
    }

    TEST_CASE("KPM37 and KPM53 have two relays and two inputs on one address") {
        for (const std::string model : {"kpm37", "kpm53"}) {
            Bench b{model};
            bool bits[2] = {};
            CHECK_FALSE(write_coil(b.circuit(), 2, true));
            CHECK(read_coils(b.circuit(), 1, bits));
            CHECK_FALSE(bits[0]);
            CHECK(bits[1]);
            CHECK(b.value("relays") == 2);
            CHECK(read_inputs(b.circuit(), 1, bits));
            CHECK(write_coil(b.circuit(), 3, true) == unknown);
        }
    }

    TEST_CASE("Harmonic ratios of six channels are read from 0300H on") {
        Bench b{"kpm53"};
        MeterState& s = b.states[0];
        s.readings[harmonic_slot(3, 1)] = 10;
        s.readings[harmonic_slot(3, 5)] = 1.8;
        s.readings[Slot::thd_i_a] = 18;
        CHECK(b.value("hr_i_a_5") == doctest::Approx(18));
        CHECK(b.circuit().type().registers.find("hr_u_a_2")->address == 0x0300);
        CHECK(b.circuit().type().registers.find("hr_i_c_31")->end() == 0x0300 + 6 * 30 * 2);
    }

    TEST_CASE("The wireless word follows the carrier and what the network side says") {
        Bench wifi{"kpm33b"};
        CHECK(wifi.read(0x001A, 1) == Words{0x0001});
        wifi.meter.set_radio(0x5101);
        CHECK(wifi.read(0x001A, 1) == Words{0x5101});
        MeterSpec spec;
        spec.serial = "33B1025950027";
        Bench wired{"kpm33b", spec};
        CHECK(wired.read(0x001A, 1) == Words{0x0000});
    }

    TEST_CASE("Every circuit shows the wireless word of the one radio") {
        Bench four{"kpm312"};
        four.meter.set_radio(0x0101);
        for (int circuit = 0; circuit < 4; ++circuit) {
            Words word(1);
            REQUIRE(read_registers(four.circuit(static_cast<std::size_t>(circuit)), 0x001A, word));
            CHECK(word[0] == 0x0101);
        }
    }
}
