#include "servers/modbus/modbus_pdu.hpp"

#include "modbus_rig.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

std::string ask(Circuit& circuit, const std::string& request) {
    return rig::hex(answer(circuit, rig::bytes(request)).view());
}

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("a KPM33B answers with floats, high word first, and its relay as coil 0001H") {
        const auto meter = rig::meter(rig::builtin("kpm33b"), 1);
        auto& circuit = meter->circuits().front();
        meter->image().metered[0].readings[Slot::u_a] = 229.097;

        CHECK(ask(circuit, "03 00 30 00 02") == "03 04 43 65 18 D5"); // 229.097 V
        CHECK(ask(circuit, "03 00 31 00 01") == "03 02 18 D5");       // its low word alone
        CHECK(ask(circuit, "03 00 12 00 07") ==
              "03 0E 33 33 42 31 32 32 35 39 35 30 30 32 37 00"); // "33B1225950027"

        CHECK(ask(circuit, "01 00 01 00 01") == "01 01 01");       // closed from the factory
        CHECK(ask(circuit, "05 00 01 00 00") == "05 00 01 00 00"); // open
        CHECK(ask(circuit, "01 00 01 00 01") == "01 01 00");
        CHECK(ask(circuit, "05 00 01 FF 00") == "05 00 01 FF 00"); // close
        CHECK(ask(circuit, "01 00 01 00 01") == "01 01 01");
    }

    TEST_CASE("what a KPM33B's manual does not offer is refused with the reason") {
        const auto meter = rig::meter(rig::builtin("kpm33b"), 1);
        auto& circuit = meter->circuits().front();

        // 01: no such function, whatever follows
        CHECK(ask(circuit, "02 00 00 00 01") == "82 01");
        CHECK(ask(circuit, "04 00 30 00 02") == "84 01");
        CHECK(ask(circuit, "06 00 01 00 05") == "86 01");
        CHECK(ask(circuit, "0F 00 01 00 01 01 01") == "8F 01");
        CHECK(ask(circuit, "2B 0E 01 00") == "AB 01");
        CHECK(ask(circuit, "83") == "83 01");
        CHECK(ask(circuit, "") == "80 01");

        // 02: a hole, a hole within the range, the end of the world
        CHECK(ask(circuit, "03 00 03 00 01") == "83 02");
        CHECK(ask(circuit, "03 00 62 00 03") == "83 02"); // f, then 0064H
        CHECK(ask(circuit, "03 FF FF 00 02") == "83 02");
        CHECK(ask(circuit, "01 00 00 00 01") == "81 02"); // its only relay is 0001H
        CHECK(ask(circuit, "05 00 02 FF 00") == "85 02");
        CHECK(ask(circuit, "10 00 30 00 02 04 00 00 00 00") == "90 02"); // a reading is not written

        // 03: no register, too many, a length that is not what the quantity says
        CHECK(ask(circuit, "03 00 30 00 00") == "83 03");
        CHECK(ask(circuit, "03 00 30 00 7E") == "83 03");
        CHECK(ask(circuit, "03 00 30 00") == "83 03");
        CHECK(ask(circuit, "03 00 30 00 02 00") == "83 03");
        CHECK(ask(circuit, "05 00 01 FF 01") == "85 03");
        CHECK(ask(circuit, "10 00 01 00 01 02 00") == "90 03");
        CHECK(ask(circuit, "10 00 01 00 01 04 00 05 00 05") == "90 03");
        CHECK(ask(circuit, "10 00 01 00 01 02 00 F8") == "90 03"); // address 248
        CHECK(meter->circuits()[0].get("address", Access::wire)->number == 1);

        // the quantity or value is looked at before the address
        CHECK(ask(circuit, "03 00 03 00 7E") == "83 03");
        CHECK(ask(circuit, "05 77 77 12 34") == "85 03");
    }

    TEST_CASE("a KPM53 also reads its inputs") {
        const auto meter = rig::meter(rig::builtin("kpm53"), 1);
        auto& circuit = meter->circuits().front();
        const int base = meter->type().input_base;
        REQUIRE(meter->type().inputs > 0);
        const auto request = rig::request(2, base, 1);
        CHECK(rig::hex(answer(circuit, request).view()) == "02 01 00");
        rig::close(*meter, "input", 0);
        CHECK(rig::hex(answer(circuit, request).view()) == "02 01 01");
    }

    TEST_CASE("a KPM312 without K has no inputs, without R no relays: exception 02") {
        for (const bool fitted : {false, true}) {
            MeterSpec spec;
            spec.name = "m";
            spec.type = &rig::builtin("kpm312");
            spec.serial = "31212257C0336";
            spec.inputs_fitted = fitted;
            spec.relays_fitted = !fitted;
            Meter meter{spec};
            for (Circuit& loop : meter.circuits()) {
                CHECK(ask(loop, "02 00 01 00 01") == (fitted ? "02 01 00" : "82 02"));
                CHECK(ask(loop, "01 00 01 00 01") == (fitted ? "81 02" : "01 01 00"));
                CHECK(ask(loop, "05 00 01 FF 00") == (fitted ? "85 02" : "05 00 01 FF 00"));
            }
        }
    }

    TEST_CASE("coils are packed from the lowest bit on and written all or nothing") {
        const auto type = rig::plain_type(10);
        const auto meter = rig::meter(type, 1);
        auto& circuit = meter->circuits().front();

        CHECK(ask(circuit, "0F 00 00 00 0A 02 CD 01") == "0F 00 00 00 0A"); // 1011 0011 1 0
        CHECK(ask(circuit, "01 00 00 00 0A") == "01 02 CD 01");
        CHECK(ask(circuit, "01 00 02 00 03") == "01 01 03"); // coils 2 3 4: 1 1 0
        CHECK(meter->image().memory.relay(8));
        CHECK_FALSE(meter->image().memory.relay(9));

        CHECK(ask(circuit, "0F 00 08 00 03 01 06") == "8F 02"); // coil 10 is one too many
        CHECK_FALSE(meter->image().memory.relay(9));
        CHECK(ask(circuit, "0F 00 00 00 09 01 FF") == "8F 03"); // nine coils need two bytes
        CHECK(ask(circuit, "0F 00 00 00 00 00") == "8F 03");
    }

    TEST_CASE("KPM312, KPM37 and KPM53 answer 01, 02, 03, 05 and 16, and no other function") {
        for (const std::string model : {"kpm312", "kpm37", "kpm53"}) {
            CAPTURE(model);
            const auto meter = rig::meter(rig::builtin(model), 1);
            auto& circuit = meter->circuits().front();
            CHECK(ask(circuit, "01 00 01 00 01") == "01 01 00");
            CHECK(ask(circuit, "02 00 01 00 01") == "02 01 00");
            CHECK(ask(circuit, "03 00 01 00 01") == "03 02 00 01");
            CHECK(ask(circuit, "05 00 01 FF 00") == "05 00 01 FF 00");
            CHECK(ask(circuit, "10 00 04 00 01 02 00 05") == "10 00 04 00 01"); // PT
            for (const int code : {4, 6, 7, 8, 11, 15, 17, 20, 22, 23, 43})
                CHECK(ask(circuit, rig::hex(rig::request(code, 1, 1))) ==
                      rig::hex(rig::Bytes{static_cast<std::uint8_t>(0x80 | code), 1}));
        }
    }

    TEST_CASE(
        "function 05 moves the two relays of a KPM53 and the one of each circuit of a KPM312") {
        const auto panel = rig::meter(rig::builtin("kpm53"), 1);
        auto& both = panel->circuits().front();
        CHECK(ask(both, "05 00 02 FF 00") == "05 00 02 FF 00");
        CHECK(ask(both, "01 00 01 00 02") == "01 01 02");
        CHECK(ask(both, "05 00 01 FF 00") == "05 00 01 FF 00");
        CHECK(ask(both, "05 00 02 00 00") == "05 00 02 00 00");
        CHECK(ask(both, "01 00 01 00 02") == "01 01 01");
        CHECK(ask(both, "05 00 03 FF 00") == "85 02");
        CHECK(ask(both, "05 00 01 12 34") == "85 03");
        CHECK(ask(both, "01 00 01 00 02") == "01 01 01");

        const auto four = rig::meter(rig::builtin("kpm312"), 1);
        for (std::size_t n = 0; n < 4; ++n) {
            for (std::size_t other = 0; other < 4; ++other)
                CHECK(ask(four->circuits()[other], "01 00 01 00 01") ==
                      (other < n ? "01 01 01" : "01 01 00"));
            CHECK(ask(four->circuits()[n], "05 00 01 FF 00") == "05 00 01 FF 00");
            CHECK(ask(four->circuits()[n], "05 00 02 FF 00") == "85 02");
        }
    }

    TEST_CASE("a block of registers is written whole up to 123 and read up to 125 words") {
        const auto type = rig::plain_type();
        const auto meter = rig::meter(type, 1);
        auto& circuit = meter->circuits().front();
        const auto write = [&](int quantity) {
            auto pdu = rig::request(16, 0, quantity);
            pdu.push_back(static_cast<std::uint8_t>(2 * quantity));
            for (int i = 0; i < 2 * quantity; ++i)
                pdu.push_back(static_cast<std::uint8_t>(i + 1));
            return rig::hex(answer(circuit, pdu).view());
        };
        CHECK(write(123) == "10 00 00 00 7B");
        CHECK(write(124) == "90 03");
        CHECK(answer(circuit, rig::request(3, 0, 125)).size == 252);
        CHECK(ask(circuit, "03 00 7A 00 02") == "03 04 F5 F6 00 00"); // the last one written
        CHECK(ask(circuit, "06 00 05 12 34") == "06 00 05 12 34");
        CHECK(ask(circuit, "04 00 05 00 01") == "04 02 12 34");
    }

    TEST_CASE("a type with a shorter block refuses longer reads, and a meter may have its own") {
        auto type = rig::plain_type();
        type.max_read_words = 10;
        const auto meter = rig::meter(type, 1);
        auto& circuit = meter->circuits().front();
        CHECK(answer(circuit, rig::request(3, 0, 10)).size == 22);
        CHECK(ask(circuit, "03 00 00 00 0B") == "83 03");

        MeterSpec spec = meter->spec();
        spec.max_read_words = 12;
        Meter own{spec};
        CHECK(answer(own.circuits().front(), rig::request(3, 0, 12)).size == 26);
        CHECK(ask(own.circuits().front(), "03 00 00 00 0D") == "83 03");
        CHECK(ask(own.circuits().front(), "04 00 00 00 0D") == "84 03");
    }
}

TEST_SUITE("unit") {
    TEST_CASE("the length of a request is known as soon as its bytes say it") {
        const auto length = [](const std::string& hex) { return request_length(rig::bytes(hex)); };
        CHECK_FALSE(length("").has_value());
        for (const auto* fixed : {"01", "02", "03", "04", "05", "06"})
            CHECK(length(fixed) == 5);
        CHECK_FALSE(length("10 00 00 00 02").has_value());
        CHECK(length("10 00 00 00 02 04") == 10);
        CHECK(length("0F 00 00 00 09 02 FF") == 8);
        CHECK_FALSE(length("2B").has_value());
        CHECK(length("2B 0E") == 4);
        CHECK(length("2B 0D") == 0);
        CHECK(length("41") == 0);
    }

    TEST_CASE("what can only be an answer is told from what may be a request") {
        for (const auto* const answer :
             {"83 02", "80 01", "FF", "C1 00 01 02", "03 02 18 D5", "03 04 43 65 18 D5",
              "04 02 00 00", "01 01 01", "02 02 FF 01", "10 00 30 00 02", "0F 00 08 00 03"})
            CHECK_MESSAGE(is_answer(rig::bytes(answer)), answer);
        for (const auto* const request :
             {"", "03 00 30 00 02", "03 00 30 00", "03 00", "03", "01 03 FF FF 01",
              "05 00 01 FF 00", "06 00 05 12 34", "10 00 30 00 01 02 12 34", "10 00 30 00",
              "0F 00 08 00 03 01 06", "2B 0E 01 00", "7F"})
            CHECK_MESSAGE(!is_answer(rig::bytes(request)), request);
    }
}
