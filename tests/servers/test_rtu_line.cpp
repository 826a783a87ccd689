#include "models/faces/registers.hpp"
#include "rtu_bench.hpp"
#include "servers/modbus/rtu_frame.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kpmsim;
using namespace kpmsim::rtu_bench;
using namespace std::chrono_literals;

TEST_SUITE("exchange") {
    TEST_CASE("the frames printed in the KPM33B's manual are answered as it prints them") {
        const auto meter = rig::meter(rig::builtin("kpm33b"), 1);
        Bench bench{{9600, 11}, {meter.get()}};
        rig::close(*meter, "relay", 0);

        const auto read = bench.ask(0s, rig::bytes("01 01 00 01 00 01 AC 0A"));
        REQUIRE(read.size() == 1);
        CHECK(rig::hex(read[0].bytes) == "01 01 01 01 90 48");

        const auto open = bench.ask(1s, rig::bytes("01 05 00 01 00 00 9C 0A"));
        REQUIRE(open.size() == 1);
        CHECK(rig::hex(open[0].bytes) == "01 05 00 01 00 00 9C 0A");
        CHECK_FALSE(meter->image().memory.relay(0));

        const auto close = bench.ask(2s, rig::bytes("01 05 00 01 FF 00 DD FA"));
        REQUIRE(close.size() == 1);
        CHECK(rig::hex(close[0].bytes) == "01 05 00 01 FF 00 DD FA");
        CHECK(meter->image().memory.relay(0));
        CHECK(bench.traffic().requests == 3);
    }

    TEST_CASE("an answer takes its characters, after the request's characters and the turnaround") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        bench.write(1s, rig::rtu(5, read_two));

        // 8 characters = 8.333333 ms, then the silence
        CHECK(bench.line.next_event() == 1s + 8'333'333ns + 3'645'833ns);
        CHECK(bench.line.advance(*bench.line.next_event()).empty());
        // 9 characters = 9.375 ms, 20 ms after the request's end
        CHECK(bench.line.next_event() == 1s + 8'333'333ns + 20ms + 9'375'000ns);
        CHECK(bench.line.advance(*bench.line.next_event() - 1ns).empty());
        const auto answers = bench.line.advance(*bench.line.next_event());
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].begins == 1s + 28'333'333ns);
        CHECK(answers[0].ends == 1s + 37'708'333ns);
        CHECK_FALSE(bench.line.next_event().has_value());
    }

    TEST_CASE("a meter without turnaround waits for the silence, 1.75 ms above 19200 Bd") {
        const auto type = meter_type(0);
        const auto meter = rig::meter(type, 5);
        Bench slow{{9600, 11}, {meter.get()}};
        const auto at_9600 = slow.ask(0s, rig::rtu(5, read_two));
        REQUIRE(at_9600.size() == 1);
        CHECK(at_9600[0].begins == 9'166'667ns + 4'010'417ns); // 8 and 3.5 characters of 11 bits
        Bench fast{{38400, 10}, {meter.get()}};
        const auto at_38400 = fast.ask(0s, rig::rtu(5, read_two));
        REQUIRE(at_38400.size() == 1);
        CHECK(at_38400[0].begins == 2'083'333ns + 1'750'000ns);
    }

    TEST_CASE("each of several meters answers to its address, and nobody to a foreign one") {
        const auto type = meter_type(20);
        const auto three = rig::meter(type, 3);
        const auto four = rig::meter(type, 4);
        Bench bench{{three.get(), four.get()}};
        LineTime at{};
        for (const int address : {3, 4, 5, 247}) {
            const auto answers = bench.ask(at += 1s, rig::rtu(address, read_two));
            CHECK(answers.size() == (address < 5 ? 1 : 0));
            if (!answers.empty())
                CHECK(answers[0].bytes[0] == address);
        }
        CHECK(bench.traffic().requests == 2);
        CHECK(bench.traffic().other_units == 2);
    }

    TEST_CASE("a broadcast is carried out by all and answered by none") {
        const auto type = meter_type(20);
        const auto three = rig::meter(type, 3);
        const auto four = rig::meter(type, 4);
        Bench bench{{three.get(), four.get()}};
        CHECK(bench.ask(0s, rig::rtu(0, rig::request(6, 7, 0x1234))).empty());
        CHECK(bench.traffic().broadcasts == 1);
        for (auto* const meter : {three.get(), four.get()}) {
            std::uint16_t word = 0;
            REQUIRE(read_registers(meter->circuits()[0], 7, {&word, 1}).has_value());
            CHECK(word == 0x1234);
        }
    }

    TEST_CASE("an adapter that echoes all it hears does not start a conversation") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        for (const auto* const request :
             {"03 00 00 00 02", "03 00 00 00 7D", "04 00 07 00 01", "01 00 00 00 04",
              "02 00 00 00 10", "10 00 03 00 01 02 12 34", "0F 00 00 00 02 01 03",
              // refused: an exception
              "03 00 C7 00 02", "06 00 C8 00 01", "2B 0E 01 00", "10 00 C8 00 01 02 12 34"}) {
            CAPTURE(request);
            Bench bench{{meter.get()}};
            auto answers = bench.ask(0s, rig::rtu(5, rig::bytes(request)));
            REQUIRE(answers.size() == 1);
            CHECK(bench.ask(answers[0].ends, answers[0].bytes).empty());
            CHECK(bench.traffic().requests == 1);
            CHECK(bench.traffic().answers_heard == 1);
        }
        // nor does a broadcast that is an exception do anything
        Bench bench{{meter.get()}};
        CHECK(bench.ask(0s, rig::rtu(0, rig::bytes("86 02"))).empty());
        CHECK(bench.traffic().broadcasts == 0);
        CHECK(bench.traffic().answers_heard == 1);
    }

    TEST_CASE("pieces of a frame are one frame, however the writes are cut") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        const auto frame = rig::rtu(5, read_two);
        for (std::size_t cut = 1; cut < frame.size(); ++cut)
            for (const auto pause : {LineTime{0}, LineTime{3ms}, LineTime{20ms}}) {
                Bench bench{{meter.get()}};
                const auto middle = frame.begin() + static_cast<std::ptrdiff_t>(cut);
                bench.write(1s, {frame.begin(), middle});
                bench.write(1s + static_cast<int>(cut) * character9600 + pause,
                            {middle, frame.end()});
                CHECK(bench.run().size() == 1);
                CHECK(bench.traffic().requests == 1);
            }
    }

    TEST_CASE("a pause longer than silence and slack makes two broken frames of one") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        const auto frame = rig::rtu(5, read_two);
        bench.write(1s, {frame.begin(), frame.begin() + 3});
        const auto end = 1s + bench.line.settings().characters(3);
        const auto deadline = end + rtu_silence(bench.line.settings()) + RtuMeters::scheduler_slack;
        CHECK(bench.line.next_event() == deadline);
        bench.write(deadline, {frame.begin() + 3, frame.end()});
        CHECK(bench.run().empty());
        CHECK(bench.traffic().short_frames == 1);
        CHECK(bench.traffic().bad_crc == 1);
    }

    TEST_CASE("two requests without silence between them are none") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        bench.write(1s, rig::rtu(5, read_two));
        bench.write(1s + 1ms, rig::rtu(5, read_two)); // written while the first is on the wire
        CHECK(bench.line.wire_free() == 1s + 2 * bench.line.settings().characters(8));
        CHECK(bench.run().empty());
        CHECK(bench.traffic().bad_crc == 1);
    }

    TEST_CASE("what is no frame is counted by reason and met with silence") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        auto wrong = rig::rtu(5, read_two);
        wrong[2] ^= 1;
        CHECK(bench.ask(1s, wrong).empty());
        CHECK(bench.traffic().bad_crc == 1);
        CHECK(bench.ask(2s, rig::bytes("05 03 00")).empty());
        CHECK(bench.traffic().short_frames == 1);
        CHECK(bench.ask(3s, rig::Bytes(257, 0x55)).empty());
        CHECK(bench.traffic().long_frames == 1);
        CHECK(bench.ask(4s, rig::Bytes(256, 0x55)).empty());
        CHECK(bench.traffic().bad_crc == 2);
        CHECK(bench.ask(5s, rig::rtu(5, read_two)).size() == 1);
    }

    TEST_CASE("the longest frames there are go through") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        auto pdu = rig::request(16, 0, 123);
        pdu.push_back(246);
        pdu.resize(pdu.size() + 246, 0x5A);
        const auto written = bench.ask(1s, rig::rtu(5, pdu));
        REQUIRE(written.size() == 1);
        CHECK(written[0].begins == 1s + bench.line.settings().characters(255) + 20ms);
        const auto answers = bench.ask(2s, rig::rtu(5, rig::request(3, 0, 125)));
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].bytes.size() == 255);
        CHECK(answers[0].ends - answers[0].begins == bench.line.settings().characters(255));
    }

    TEST_CASE("a request of an unknown function, right in its CRC, is refused by the meter") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        const auto answers = bench.ask(0s, rig::rtu(5, rig::bytes("2B 0E 01 00")));
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].bytes == rig::rtu(5, rig::bytes("AB 01")));
        CHECK(bench.traffic().exceptions == 1);
    }

    TEST_CASE("a meter with a minimum frame interval misses what comes sooner, to the nanosecond") {
        const auto deaf = meter_type(20, 100);
        const auto brisk = meter_type(20);
        const auto slow = rig::meter(deaf, 5);
        const auto quick = rig::meter(brisk, 6);
        Bench bench{{slow.get(), quick.get()}};

        const auto first = bench.ask(1s, rig::rtu(5, read_two));
        REQUIRE(first.size() == 1);
        CHECK(bench.ask(first[0].ends + 100ms - 1ns, rig::rtu(5, read_two)).empty());
        CHECK(bench.traffic().too_soon == 1);

        // the missed one was a frame on the line, too
        const auto missed_end = bench.line.wire_free();
        CHECK(bench.ask(missed_end + 99ms, rig::rtu(5, read_two)).empty());
        CHECK(bench.traffic().too_soon == 2);
        const auto second = bench.ask(bench.line.wire_free() + 100ms, rig::rtu(5, read_two));
        REQUIRE(second.size() == 1);

        // its neighbour has no such interval
        CHECK(bench.ask(second[0].ends, rig::rtu(6, read_two)).size() == 1);
        CHECK(bench.traffic().too_soon == 2);
    }

    TEST_CASE("a KPM37 keeps 100 ms between frames") {
        const auto meter = rig::meter(rig::builtin("kpm37"), 1);
        Bench bench{{meter.get()}};
        const auto first = bench.ask(1s, rig::rtu(1, rig::request(3, 0x30, 2)));
        REQUIRE(first.size() == 1);
        CHECK(bench.ask(first[0].ends + 99ms, rig::rtu(1, rig::request(3, 0x30, 2))).empty());
        CHECK(bench.traffic().too_soon == 1);
        const auto later = bench.line.wire_free() + 100ms;
        CHECK(bench.ask(later, rig::rtu(1, rig::request(3, 0x30, 2))).size() == 1);
    }

    TEST_CASE("a request that meets an answer on the wire is lost, and the answer is garbled") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        bench.write(1s, rig::rtu(5, read_two));
        const auto begins = 1s + 28'333'333ns; // of the answer
        bench.write(begins + 2 * character9600, rig::rtu(5, rig::request(6, 7, 0x1234)));
        const auto answers = bench.run();
        REQUIRE(answers.size() == 1);
        CHECK(crc16(answers[0].bytes) != 0);
        CHECK(bench.traffic().collisions == 1);
        std::uint16_t word = 1;
        REQUIRE(read_registers(meter->circuits()[0], 7, {&word, 1}).has_value());
        CHECK(word == 0);
    }

    TEST_CASE("a request during the turnaround is lost, and the answer comes whole") {
        const auto type = meter_type(200);
        const auto meter = rig::meter(type, 5);
        Bench bench{{meter.get()}};
        bench.write(1s, rig::rtu(5, read_two));
        bench.write(1s + 50ms, rig::rtu(5, read_two));
        const auto answers = bench.run();
        REQUIRE(answers.size() == 1);
        CHECK(crc16(answers[0].bytes) == 0);
        CHECK(bench.traffic().collisions == 1);
        CHECK(bench.traffic().requests == 1);
    }

    TEST_CASE("a KPM312 moved onto its neighbour's addresses garbles with it where they overlap") {
        const auto& type = rig::builtin("kpm312");
        const auto first = rig::meter(type, 1);
        const auto second = rig::meter(type, 5);
        Bench bench{{first.get(), second.get()}};
        const auto ask = rig::request(3, 0x12, 7); // the serial number
        LineTime at{};
        for (int address = 1; address <= 8; ++address)
            CHECK(bench.ask(at += 1s, rig::rtu(address, ask)).size() == 1);

        REQUIRE(rig::set(*second, "address", 3));
        for (int address = 1; address <= 6; ++address) {
            const auto answers = bench.ask(at += 1s, rig::rtu(address, ask));
            REQUIRE(answers.size() == 1);
            CHECK((crc16(answers[0].bytes) == 0) == (address < 3 || address > 4));
        }
        CHECK(bench.traffic().collisions == 2);
        CHECK(bench.ask(at += 1s, rig::rtu(7, ask)).empty());
    }

    TEST_CASE(
        "a write that moves a meter is answered from the old address, and only by that meter") {
        const auto& type = rig::builtin("kpm312");
        const auto* const row = type.registers.find("address");
        REQUIRE(row != nullptr);
        const auto meter = rig::meter(type, 2);
        Bench bench{{meter.get()}};
        auto write = rig::request(16, row->address, 1);
        for (const int byte : {2, 0, 1})
            write.push_back(static_cast<std::uint8_t>(byte));
        const auto answers = bench.ask(0s, rig::rtu(2, write));
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].bytes == rig::rtu(2, rig::request(16, row->address, 1)));
        CHECK(meter->circuits()[0].address() == 1);
        CHECK(bench.traffic().collisions == 0);
    }

    TEST_CASE("a line that is looked at seldom gives the same answers at the same times") {
        const auto type = meter_type(20);
        const auto meter = rig::meter(type, 5);
        Bench often{{meter.get()}};
        Bench seldom{{meter.get()}};
        std::vector<HalfDuplexLine::Answer> stepped;
        LineTime at{};
        for (int n = 0; n < 20; ++n) {
            const auto frame = rig::rtu(5, rig::request(3, n, 1 + n));
            at += 120ms;
            for (auto& answer : often.ask(at, frame))
                stepped.push_back(std::move(answer));
            seldom.write(at, frame);
        }
        const auto once = seldom.line.advance(10s);
        REQUIRE(once.size() == 20);
        CHECK(std::equal(once.begin(), once.end(), stepped.begin(), stepped.end(),
                         [](const auto& a, const auto& b) {
                             return a.bytes == b.bytes && a.begins == b.begins && a.ends == b.ends;
                         }));
    }
}

TEST_SUITE("unit") {
    TEST_CASE("the CRC of the empty frame is its start value and 123456789 gives 4B37") {
        CHECK(crc16({}) == 0xFFFF);
        const rig::Bytes digits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
        CHECK(crc16(digits) == 0x4B37);
    }
}
