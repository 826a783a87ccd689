#include "servers/line/half_duplex_line.hpp"
#include "servers/modbus/modbus_pdu.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/rtu_meters.hpp"

#include "modbus_rig.hpp"

#include <doctest/doctest.h>

#include <random> // engines only: their streams are the same everywhere

using namespace kpmsim;

// Seeded noise against everything that reads bytes. The sanitizer builds run the same cases, so
// "no crash" also means no read or write beyond a buffer.

namespace {

class Noise {
public:
    explicit Noise(std::uint32_t seed) : engine_{seed} {}
    std::size_t below(std::size_t n) { return engine_() % n; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(engine_() >> 7); }
    rig::Bytes bytes(std::size_t n) {
        rig::Bytes all(n);
        for (auto& b : all)
            b = byte();
        return all;
    }
    /// Nearly a request: a real one with a wrong byte, a piece missing, or something behind it.
    rig::Bytes nearly_request() {
        auto pdu = rig::request(static_cast<int>(1 + below(17)), static_cast<int>(below(210)),
                                static_cast<int>(below(140)));
        if (pdu[0] >= 15) {
            pdu.push_back(byte());
            const auto more = bytes(below(247));
            pdu.insert(pdu.end(), more.begin(), more.end());
        }
        switch (below(4)) {
        case 0:
            pdu[below(pdu.size())] = byte();
            break;
        case 1:
            pdu.resize(1 + below(pdu.size()));
            break;
        case 2:
            pdu.push_back(byte());
            break;
        default:
            break;
        }
        pdu.resize(std::min(pdu.size(), max_pdu));
        return pdu;
    }

private:
    std::mt19937 engine_;
};

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("every PDU gets an answer that is a PDU") {
        const auto type = rig::plain_type();
        const auto meter = rig::meter(type, 1);
        Noise noise{1};
        for (int n = 0; n < 100'000; ++n) {
            const auto pdu = n % 2 ? noise.nearly_request() : noise.bytes(1 + noise.below(300));
            const auto reply = answer(meter->circuits().front(), pdu);
            REQUIRE(reply.size >= 2);
            REQUIRE(reply.size <= max_pdu);
            REQUIRE((reply.bytes[0] & 0x7F) == (pdu[0] & 0x7F));
            if (reply.bytes[0] & 0x80) {
                REQUIRE(reply.size == 2);
                REQUIRE((reply.bytes[1] >= 1 && reply.bytes[1] <= 3));
            }
        }
    }

    TEST_CASE("a Modbus-TCP stream of anything is followed or broken, and every ADU counted") {
        const auto type = rig::plain_type();
        const auto meter = rig::meter(type, 1);
        ModbusUnits units;
        units.units = {{&meter->circuits().front()}};
        Noise noise{2};
        Traffic traffic;
        std::uint64_t sent = 0;
        std::uint64_t broken = 0;
        for (int n = 0; n < 20'000; ++n) {
            rig::Bytes stream;
            const auto adus = noise.below(6);
            for (std::size_t k = 0; k < adus; ++k) {
                const auto adu =
                    rig::tcp(n, static_cast<int>(noise.below(3)), noise.nearly_request());
                stream.insert(stream.end(), adu.begin(), adu.end());
            }
            sent += adus;
            const bool noisy = noise.below(2) == 0;
            if (noisy) {
                auto tail = noise.bytes(7 + noise.below(300));
                tail[2] = 1; // no protocol of ours
                stream.insert(stream.end(), tail.begin(), tail.end());
            }
            rig::Bytes out;
            const auto turn = serve_adus(units, stream, out, 65536, traffic);
            REQUIRE(turn.broken == noisy);
            REQUIRE(turn.used <= stream.size());
            broken += noisy;
        }
        CHECK(traffic.bad_header == broken);
        CHECK(traffic.requests + traffic.broadcasts + traffic.other_units == sent);
        CHECK(traffic.exceptions > 0);
        CHECK(traffic.exceptions < traffic.requests);
    }

    TEST_CASE(
        "a line that is flooded with anything counts every frame and answers the next client") {
        const auto type = rig::plain_type();
        const auto meter = rig::meter(type, 1);
        RtuMeters stations{LineSettings{}, {&meter->circuits().front()}};
        HalfDuplexLine line{LineSettings{}, stations};
        Noise noise{3};
        LineTime at{};
        std::uint64_t frames = 0;
        for (int n = 0; n < 20'000; ++n) {
            const auto frame =
                n % 2 ? rig::rtu(static_cast<int>(noise.below(3)), noise.nearly_request())
                      : noise.bytes(1 + noise.below(700));
            line.receive(frame, noise.below(20) == 0 ? 19200 : 9600, at);
            at += std::chrono::microseconds{noise.below(1'500'000)};
            line.advance(at);
            // at rest now and then: frames that were written into each other are one frame
            if (noise.below(2) == 0) {
                at += std::chrono::seconds{30};
                line.advance(at);
                REQUIRE_FALSE(line.next_event().has_value());
            }
            ++frames;
        }
        const auto& t = stations.traffic();
        const auto counted = t.requests + t.broadcasts + t.other_units + t.bad_crc +
                             t.short_frames + t.long_frames + t.wrong_line + t.too_soon +
                             t.collisions + t.answers_heard;
        CHECK(counted <= frames);
        CHECK(counted > frames / 4);
        for (const auto reason :
             {t.requests, t.exceptions, t.broadcasts, t.other_units, t.bad_crc, t.short_frames,
              t.long_frames, t.wrong_line, t.collisions, t.answers_heard})
            CHECK(reason > 0);

        at += std::chrono::seconds{30};
        line.receive(rig::rtu(1, rig::request(3, 0, 2)), 9600, at);
        CHECK(line.advance(at + std::chrono::seconds{1}).size() == 1);
    }
}
