#include "rtu_bench.hpp"
#include "servers/modbus/rtu_frame.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace kpmsim::rtu_bench;
using namespace std::chrono_literals;

TEST_SUITE("exchange") {
    TEST_CASE("a client at another speed is not understood") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        LineTime at{};
        for (const int baud : {1200, 4800, 19200, 115200, 0}) {
            bench.line.receive(rig::rtu(5, read_two), baud, at += 1s);
            CHECK(bench.run().empty());
        }
        CHECK(bench.traffic().wrong_line == 5);
        CHECK(bench.ask(10s, rig::rtu(5, read_two)).size() == 1);
    }

    TEST_CASE(
        "a written baud rate holds from the next frame on: the write is answered at the old one") {
        const auto meter = rig::meter(rig::builtin("kpm53"), 1);
        Bench bench{{meter.get()}};
        // 0002H: low byte 4 = 19200 Bd, high byte 2 = 8N1
        const auto written = bench.ask(1s, rig::rtu(1, rig::bytes("10 00 02 00 01 02 02 04")));
        REQUIRE(written.size() == 1);
        CHECK(written[0].bytes == rig::rtu(1, rig::bytes("10 00 02 00 01")));
        CHECK(written[0].ends - written[0].begins == 8'333'333ns); // 8 characters at 9600 Bd

        const auto ask = rig::rtu(1, rig::request(3, 2, 1));
        CHECK(bench.ask(2s, ask).empty()); // a client that stays at 9600 Bd
        CHECK(bench.traffic().wrong_line == 1);
        bench.write(3s, ask, 19200);
        // 8 characters, then 3.5 of silence, at 520.8 us each
        CHECK(bench.line.next_event() == 3s + 4'166'667ns + 1'822'917ns);
        const auto answers = bench.run();
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].bytes == rig::rtu(1, rig::bytes("03 02 02 04")));
        CHECK(answers[0].begins == 3s + 4'166'667ns + 20ms);
        CHECK(answers[0].ends - answers[0].begins == 3'645'833ns); // 7 characters
        CHECK(bench.traffic().requests == 2);
    }

    TEST_CASE("a line carries meters at several rates, and each hears the frames of its own") {
        const auto slow = rig::meter(rig::builtin("kpm53"), 1);
        const auto fast = rig::meter(rig::builtin("kpm53"), 2);
        REQUIRE(rig::set(*fast, "baud", 38400));
        Bench bench{{slow.get(), fast.get()}};
        LineTime at{};
        const auto answered = [&](int address, int baud) {
            bench.write(at += 1s, rig::rtu(address, rig::request(3, 1, 1)), baud);
            return !bench.run().empty();
        };
        CHECK(answered(1, 9600));
        CHECK(answered(2, 38400));
        CHECK_FALSE(answered(1, 38400)); // there, and deaf to it
        CHECK_FALSE(answered(2, 9600));
        CHECK(bench.traffic().wrong_line == 2);
        CHECK_FALSE(answered(3, 9600)); // not there
        CHECK(bench.traffic().other_units == 1);
        CHECK_FALSE(answered(1, 4800)); // heard by nobody
        CHECK(bench.traffic().wrong_line == 3);

        // a broadcast reaches those that hear it: 0006H, the demand window, = 7 min
        bench.write(at += 1s, rig::rtu(0, rig::bytes("10 00 06 00 01 02 00 07")), 38400);
        CHECK(bench.run().empty());
        CHECK(fast->circuits()[0].get("demand_minutes", Access::wire)->number == 7);
        CHECK(slow->circuits()[0].get("demand_minutes", Access::wire)->number != 7);
    }

    TEST_CASE("two meters at one address and two rates do not meet") {
        const auto slow = rig::meter(rig::builtin("kpm53"), 1);
        const auto fast = rig::meter(rig::builtin("kpm53"), 1);
        REQUIRE(rig::set(*fast, "baud", 38400));
        Bench bench{{slow.get(), fast.get()}};
        LineTime at{};
        for (const int baud : {9600, 38400}) {
            bench.write(at += 1s, rig::rtu(1, rig::request(3, 2, 1)), baud);
            const auto answers = bench.run();
            REQUIRE(answers.size() == 1);
            CHECK(crc16(answers[0].bytes) == 0);
        }
        CHECK(bench.traffic().collisions == 0);
    }

    TEST_CASE("a client that changes its speed inside a frame is understood by nobody") {
        const auto meter = rig::meter(rig::builtin("kpm53"), 1);
        Bench bench{{meter.get()}};
        const auto frame = rig::rtu(1, rig::request(3, 2, 1));
        bench.write(1s, {frame.begin(), frame.begin() + 4}, 9600);
        bench.write(1s + 4ms, {frame.begin() + 4, frame.end()}, 19200);
        CHECK(bench.run().empty());
        CHECK(bench.traffic().wrong_line == 1);
        CHECK(bench.ask(2s, frame).size() == 1);
    }

    TEST_CASE("a written format stretches the answer's characters, from the next frame on") {
        const auto meter = rig::meter(rig::builtin("kpm53"), 1);
        Bench bench{{meter.get()}};
        const auto written =
            bench.ask(1s, rig::rtu(1, rig::bytes("10 00 02 00 01 02 00 03"))); // 8E1
        REQUIRE(written.size() == 1);
        CHECK(written[0].ends - written[0].begins == 8'333'333ns); // 8 characters of 10 bits
        const auto answers = bench.ask(2s, rig::rtu(1, rig::request(3, 2, 1)));
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].ends - answers[0].begins == 8'020'833ns); // 7 characters of 11 bits
    }

    TEST_CASE("a KPM53 takes 8N2, and its characters have two stop bits") {
        const auto meter = rig::meter(rig::builtin("kpm53"), 1);
        Bench bench{{meter.get()}};
        CHECK(bench.ask(1s, rig::rtu(1, rig::bytes("10 00 02 00 01 02 03 03")))[0].bytes ==
              rig::rtu(1, rig::bytes("10 00 02 00 01"))); // 9600 Bd, 8N2
        const auto answers = bench.ask(2s, rig::rtu(1, rig::request(3, 2, 1)));
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].bytes == rig::rtu(1, rig::bytes("03 02 03 03")));
        CHECK(answers[0].ends - answers[0].begins == 8'020'833ns); // 7 characters of 11 bits
        CHECK(bench.ask(3s, rig::rtu(1, rig::bytes("10 00 02 00 01 02 04 03")))[0].bytes ==
              rig::rtu(1, rig::bytes("90 03")));
    }
} // TEST_SUITE
