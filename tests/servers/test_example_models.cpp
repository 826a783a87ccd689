#include "modbus_rig.hpp"
#include "rtu_bench.hpp"

#include "servers/modbus/modbus_pdu.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

const TypeLibrary& examples() {
    static const TypeLibrary types =
        TypeLibrary::with_folder(std::string{KPMSIM_SOURCE_DIR} + "/examples/models");
    return types;
}

/// A meter of an example's model, with readings.
struct Example {
    std::unique_ptr<Meter> meter;

    explicit Example(const std::string& model) {
        MeterSpec spec;
        spec.name = model;
        spec.type = examples().find(model);
        REQUIRE(spec.type != nullptr);
        spec.serial = "00123456";
        meter = std::make_unique<Meter>(spec);
        Readings& r = meter->image().metered[0].readings;
        r[Slot::u_a] = 230.5; // 43668000
        r[Slot::i_a] = 2;     // 40000000
        r[Slot::p_a] = -450;  // C3E10000
        r[Slot::f] = 50;      // 42480000
    }
    std::string ask(const std::string& request) {
        return rig::hex(answer(meter->circuits()[0], rig::bytes(request)).view());
    }
};

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("Device identification: one category, or one object") {
        MeterType type = rig::plain_type(0);
        type.functions.push_back(43);
        type.identification = {{0, "AB"}, {1, "C"}, {2, "1.0"}};
        const auto basic = rig::meter(type, 1);
        const auto ask = [](Meter& meter, const std::string& request) {
            return rig::hex(answer(meter.circuits()[0], rig::bytes(request)).view());
        };
        const std::string objects = "00 02 41 42 01 01 43 02 03 31 2E 30";
        CHECK(ask(*basic, "2B 0E 01 00") == "2B 0E 01 81 00 00 03 " + objects);
        CHECK(ask(*basic, "2B 0E 02 00") == "2B 0E 02 81 00 00 03 " + objects); // all there is
        CHECK(ask(*basic, "2B 0E 01 01") == "2B 0E 01 81 00 00 02 " + objects.substr(12));
        CHECK(ask(*basic, "2B 0E 01 07") == "2B 0E 01 81 00 00 03 " + objects); // from the first
        CHECK(ask(*basic, "2B 0E 04 02") == "2B 0E 04 81 00 00 01 02 03 31 2E 30");
        CHECK(ask(*basic, "2B 0E 04 03") == "AB 02");
        CHECK(ask(*basic, "2B 0E 05 00") == "AB 03");
        CHECK(ask(*basic, "2B 0E 00 00") == "AB 03");
        CHECK(ask(*basic, "2B 0E 01") == "AB 03");
        CHECK(ask(*basic, "2B 0D 01 00") == "AB 01"); // another MEI type
        CHECK(ask(*basic, "2B") == "AB 01");

        type.identification.push_back({5, "M"});
        const auto regular = rig::meter(type, 1);
        CHECK(ask(*regular, "2B 0E 01 00") == "2B 0E 01 82 00 00 03 " + objects);
        CHECK(ask(*regular, "2B 0E 02 00") == "2B 0E 02 82 00 00 04 " + objects + " 05 01 4D");
        CHECK(ask(*regular, "2B 0E 02 05") == "2B 0E 02 82 00 00 01 05 01 4D");

        type.functions.pop_back();
        const auto silent = rig::meter(type, 1);
        CHECK(ask(*silent, "2B 0E 01 00") == "AB 01");
    }

    TEST_CASE("Device identification goes on in the next answer where it does not fit") {
        MeterType type = rig::plain_type(0);
        type.functions.push_back(43);
        type.identification = {{0, std::string(120, 'a')}, {1, std::string(122, 'b')}, {2, "c"}};
        const auto meter = rig::meter(type, 1);
        const auto first = answer(meter->circuits()[0], rig::bytes("2B 0E 01 00"));
        CHECK(first.size == 7 + 2 + 120 + 2 + 122); // 253: full
        CHECK(first.bytes[4] == 0xFF);              // more follows …
        CHECK(first.bytes[5] == 2);                 // … from here
        CHECK(first.bytes[6] == 2);
        CHECK(rig::hex(answer(meter->circuits()[0], rig::bytes("2B 0E 01 02")).view()) ==
              "2B 0E 01 81 00 00 01 02 01 63");
        CHECK(is_answer(first.view()));
        CHECK_FALSE(is_answer(rig::bytes("2B 0E 01 00")));
        CHECK(request_length(rig::bytes("2B 0E")) == 4);
        CHECK_FALSE(request_length(rig::bytes("2B")));
        CHECK(request_length(rig::bytes("2B 0D")) == 0);
    }

    TEST_CASE("sdm630: input and holding registers at one address") {
        Example m{"sdm630"};
        CHECK(m.ask("04 00 00 00 02") == "04 04 43 66 80 00"); // u_a
        CHECK(m.ask("04 00 0C 00 02") == "04 04 C3 E1 00 00"); // p_a
        CHECK(m.ask("03 00 0C 00 02") == "03 04 42 C8 00 00"); // 100 ms
        CHECK(m.ask("03 00 12 00 02") == "03 04 00 00 00 00"); // 8N1
        CHECK(m.ask("03 00 14 00 02") == "03 04 3F 80 00 00"); // address 1
        CHECK(m.ask("03 00 1C 00 02") == "03 04 40 00 00 00"); // 2 = 9600 Bd
        CHECK(m.ask("03 FC 00 00 02") == "03 04 00 01 E2 40"); // 123456
        CHECK(m.ask("04 FC 00 00 02") == "84 02");
        CHECK(m.ask("03 00 00 00 02") == "83 02");
    }

    TEST_CASE("sdm630: holes between registers read 0.0") {
        Example m{"sdm630"};
        CHECK(m.ask("04 00 44 00 04") == "04 08 00 00 00 00 42 48 00 00"); // a hole, then f
        CHECK(m.ask("04 00 36 00 02") == "04 04 00 00 00 00");
        CHECK(m.ask("04 01 6C 00 02") == "84 02"); // behind the map
        CHECK(m.ask("04 00 50 00 02") == "04 04 00 00 00 00");
        CHECK(m.ask("03 00 0E 00 02") == "03 04 00 00 00 00");
        CHECK(m.ask("04 01 56 00 28").substr(0, 5) == "04 50"); // … to 017DH, past the map
        CHECK(m.ask("04 00 00 00 50").substr(0, 17) == "04 A0 43 66 80 00"); // 80 registers
        CHECK(m.ask("04 00 00 00 51") == "84 03");
    }

    TEST_CASE("Blocks of holding registers that clients read cross holes, and read 0.0 there") {
        Example three{"sdm630"};
        const std::string settings = three.ask("03 00 00 00 26");
        REQUIRE(settings.size() == 3 * (2 + 76) - 1);
        CHECK(settings.substr(0, 5) == "03 4C");
        CHECK(settings.substr(6 + 3 * 24, 11) == "42 C8 00 00"); // 000CH: 100 ms
        CHECK(settings.substr(6 + 3 * 40, 11) == "3F 80 00 00"); // 0014H: address 1
        CHECK(settings.substr(6 + 3 * 44, 11) == "00 00 00 00"); // 0016H: a hole
        CHECK(three.ask("03 F9 10 00 02") == "03 04 00 00 00 00");

        Example one{"sdm120"};
        CHECK(one.ask("03 00 00 00 1E").substr(0, 5) == "03 3C");
        CHECK(one.ask("03 00 56 00 02") == "03 04 00 00 00 00");
        CHECK(one.ask("03 F9 00 00 32").substr(0, 17) == "03 64 00 00 00 00");
        CHECK(one.ask("03 FC 00 00 05") == "03 0A 00 01 E2 40 00 20 00 00 00 00"); // past the map
    }

    TEST_CASE("sdm630: a setting is written as the float of its code") {
        Example m{"sdm630"};
        CHECK(m.ask("10 00 1C 00 02 04 40 80 00 00") == "10 00 1C 00 02"); // 4 = 38400 Bd
        CHECK(m.meter->shown(Role::line_baud, 0) == 38400);
        CHECK(m.ask("10 00 12 00 02 04 40 40 00 00") == "10 00 12 00 02"); // 3 = 8N2
        CHECK(line_formats()[static_cast<std::size_t>(m.meter->shown(Role::line_format, 0))] ==
              "8N2");
        CHECK(m.ask("10 00 1C 00 02 04 40 A0 00 00") == "90 03"); // 5 is no code
        CHECK(m.ask("10 00 12 00 01 02 00 00") == "90 02");       // half a float
        CHECK(m.ask("10 00 00 00 02 04 40 A0 00 00") == "90 02"); // an input register
        CHECK(m.ask("06 00 14 00 05") == "86 01");
        CHECK(m.ask("01 00 00 00 01") == "81 01");
    }

    TEST_CASE("sdm630: with two stop bits a character has 11 bits, from the next frame on") {
        Example m{"sdm630"};
        rtu_bench::Bench bench{{m.meter.get()}};
        using namespace std::chrono_literals;
        const auto write = bench.ask(1s, rig::rtu(1, rig::bytes("10 00 12 00 02 04 40 40 00 00")));
        REQUIRE(write.size() == 1);
        CHECK(write[0].ends - write[0].begins == 8'333'333ns); // 8 characters of 10 bits
        const auto read = bench.ask(2s, rig::rtu(1, rig::bytes("03 00 12 00 02")));
        REQUIRE(read.size() == 1);
        CHECK(read[0].bytes == rig::rtu(1, rig::bytes("03 04 40 40 00 00")));
        CHECK(read[0].ends - read[0].begins == 10'312'500ns); // 9 characters of 11 bits
    }

    TEST_CASE("sdm120: one phase, with holes where the three-phase meter has the others") {
        Example m{"sdm120"};
        Readings& r = m.meter->image().metered[0].readings;
        r[Slot::p] = -450;
        CHECK(m.ask("04 00 00 00 02") == "04 04 43 66 80 00"); // u_a
        CHECK(m.ask("04 00 02 00 04") == "04 08 00 00 00 00 00 00 00 00");
        CHECK(m.ask("04 00 0C 00 02") == "04 04 C3 E1 00 00"); // p
        CHECK(m.ask("04 00 46 00 02") == "04 04 42 48 00 00"); // f
        CHECK(m.ask("04 01 5A 00 02") == "84 02");
        CHECK(m.ask("03 00 1C 00 02") == "03 04 00 00 00 00");             // 0 = 2400 Bd
        CHECK(m.ask("10 00 1C 00 02 04 40 A0 00 00") == "10 00 1C 00 02"); // 5 = 1200 Bd
        CHECK(m.meter->shown(Role::line_baud, 0) == 1200);
        CHECK(m.ask("10 00 1C 00 02 04 40 40 00 00") == "90 03"); // 3 is no code here
        CHECK(m.ask("03 00 00 00 02") == "83 02");
    }
}
