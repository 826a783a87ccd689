#include "models/faces/registers.hpp"
#include "servers/modbus/modbus_tcp.hpp"

#include "modbus_rig.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

struct Gateway {
    MeterType type{rig::plain_type()};
    std::unique_ptr<Meter> three{rig::meter(type, 3)};
    std::unique_ptr<Meter> four{rig::meter(type, 4)};
    ModbusUnits units;
    Traffic traffic;

    Gateway() { units.units = {{&three->circuits().front()}, {&four->circuits().front()}}; }
    /// The answers to all of it, at once.
    std::string ask(const std::string& hex) {
        rig::Bytes out;
        const auto in = rig::bytes(hex);
        const auto turn = serve_adus(units, in, out, 32768, traffic);
        CHECK(turn.used == in.size());
        return rig::hex(out);
    }
    std::uint16_t word(Meter& meter, std::uint16_t address) {
        std::uint16_t value = 0;
        REQUIRE(read_registers(meter.circuits().front(), address, {&value, 1}).has_value());
        return value;
    }
};

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("transaction and unit come back as they were sent, each meter by its unit") {
        Gateway gateway;
        CHECK(gateway.ask("12 34 00 00 00 06 03 06 00 05 00 07") ==
              "12 34 00 00 00 06 03 06 00 05 00 07");
        CHECK(gateway.ask("00 01 00 00 00 06 03 03 00 05 00 01") ==
              "00 01 00 00 00 05 03 03 02 00 07");
        CHECK(gateway.ask("00 02 00 00 00 06 04 03 00 05 00 01") ==
              "00 02 00 00 00 05 04 03 02 00 00");
        CHECK(gateway.ask("00 03 00 00 00 06 04 03 00 C8 00 01") == "00 03 00 00 00 03 04 83 02");
        CHECK(gateway.traffic.requests == 4);
        CHECK(gateway.traffic.exceptions == 1);
    }

    TEST_CASE(
        "over TCP nobody is overheard: a function code from 80H on is refused like any other") {
        Gateway gateway;
        CHECK(gateway.ask("00 01 00 00 00 03 03 83 02") == "00 01 00 00 00 03 03 83 01");
        CHECK(gateway.ask("00 02 00 00 00 05 03 03 02 00 07") == "00 02 00 00 00 03 03 83 03");
        CHECK(gateway.traffic.requests == 2);
    }

    TEST_CASE("a gateway is silent for units that are not there and carries broadcasts to all") {
        Gateway gateway;
        CHECK(gateway.ask("00 01 00 00 00 06 05 03 00 05 00 01") == "");
        CHECK(gateway.ask("00 01 00 00 00 06 FF 03 00 05 00 01") == "");
        CHECK(gateway.traffic.other_units == 2);

        CHECK(gateway.ask("00 01 00 00 00 06 00 06 00 05 12 34") == "");
        CHECK(gateway.traffic.broadcasts == 1);
        CHECK(gateway.word(*gateway.three, 5) == 0x1234);
        CHECK(gateway.word(*gateway.four, 5) == 0x1234);
        CHECK(gateway.traffic.requests == 0);
    }

    TEST_CASE(
        "a meter whose address is written answers at the new unit id from the next request on") {
        const auto first = rig::meter(rig::builtin("kpm53"), 1);
        const auto second = rig::meter(rig::builtin("kpm53"), 2);
        Gateway gateway;
        gateway.units.units = {{&first->circuits().front()}, {&second->circuits().front(), 100}};
        // address 0001H = 7; the answer still comes from unit 1
        CHECK(gateway.ask("00 01 00 00 00 09 01 10 00 01 00 01 02 00 07") ==
              "00 01 00 00 00 06 01 10 00 01 00 01");
        CHECK(gateway.ask("00 02 00 00 00 06 01 03 00 01 00 01") == "");
        CHECK(gateway.ask("00 03 00 00 00 06 07 03 00 01 00 01") ==
              "00 03 00 00 00 05 07 03 02 00 07");
        // where the farm file gave a unit id that is not the address, the difference stays
        CHECK(gateway.ask("00 04 00 00 00 09 66 10 00 01 00 01 02 00 05") ==
              "00 04 00 00 00 06 66 10 00 01 00 01");
        CHECK(gateway.ask("00 05 00 00 00 06 66 03 00 01 00 01") == "");
        CHECK(gateway.ask("00 06 00 00 00 06 69 03 00 01 00 01") ==
              "00 06 00 00 00 05 69 03 02 00 05");
        CHECK(gateway.traffic.requests == 4);
        CHECK(gateway.traffic.other_units == 2);
    }

    TEST_CASE("a KPM312 that is moved takes its four unit ids along") {
        const auto meter = rig::meter(rig::builtin("kpm312"), 1);
        Gateway gateway;
        gateway.units.units.clear();
        for (Circuit& loop : meter->circuits())
            gateway.units.units.push_back({&loop});
        CHECK(gateway.ask("00 01 00 00 00 09 03 10 00 01 00 01 02 00 0B") ==
              "00 01 00 00 00 06 03 10 00 01 00 01");
        for (const int unit : {1, 2, 3, 4, 10, 11, 12, 13, 14, 15}) {
            rig::Bytes out;
            serve_adus(gateway.units, rig::tcp(1, unit, rig::request(3, 1, 1)), out, 4096,
                       gateway.traffic);
            CHECK_MESSAGE(out.empty() == (unit < 11 || unit > 14), unit);
        }
    }

    TEST_CASE("two meters at one address both obey and nothing comes back, until one is moved") {
        Gateway gateway;
        REQUIRE(rig::set(*gateway.four, "address", 3));
        CHECK(gateway.ask("00 01 00 00 00 06 03 06 00 05 00 07") == "");
        CHECK(gateway.word(*gateway.three, 5) == 7);
        CHECK(gateway.word(*gateway.four, 5) == 7);
        CHECK(gateway.traffic.collisions == 1);
        CHECK(gateway.traffic.requests == 0);
        // the stream goes on behind it
        CHECK(gateway.ask("00 02 00 00 00 06 03 03 00 05 00 01"
                          " 00 03 00 00 00 06 04 03 00 05 00 01") == "");
        CHECK(gateway.traffic.collisions == 2);
        CHECK(gateway.traffic.other_units == 1);
        REQUIRE(rig::set(*gateway.four, "address", 9));
        CHECK(gateway.ask("00 04 00 00 00 06 03 03 00 05 00 01") ==
              "00 04 00 00 00 05 03 03 02 00 07");
        CHECK(gateway.ask("00 05 00 00 00 06 09 03 00 05 00 01") ==
              "00 05 00 00 00 05 09 03 02 00 07");
    }

    TEST_CASE("a port with a single meter answers any unit") {
        Gateway gateway;
        gateway.units = {};
        gateway.units.any = &gateway.three->circuits().front();
        for (const int unit : {0, 1, 3, 247, 255}) {
            rig::Bytes out;
            serve_adus(gateway.units, rig::tcp(9, unit, rig::request(3, 5, 1)), out, 4096,
                       gateway.traffic);
            REQUIRE(out.size() == 11);
            CHECK(out[6] == unit);
        }
        CHECK(gateway.traffic.requests == 5);
    }

    TEST_CASE("however a stream is cut, the same answers come in the same order") {
        Gateway gateway;
        rig::Bytes stream;
        for (int n = 0; n < 20; ++n) {
            const auto adu = rig::tcp(n, 3 + n % 3, rig::request(3, n, 1 + n % 5));
            stream.insert(stream.end(), adu.begin(), adu.end());
        }
        rig::Bytes whole;
        REQUIRE(serve_adus(gateway.units, stream, whole, 32768, gateway.traffic).used ==
                stream.size());
        for (std::size_t step = 1; step < 40; ++step) {
            rig::Bytes out;
            rig::Bytes buffer;
            for (std::size_t i = 0; i < stream.size(); i += step) {
                const auto from = stream.begin() + static_cast<std::ptrdiff_t>(i);
                const auto n = std::min(step, stream.size() - i);
                buffer.insert(buffer.end(), from, from + static_cast<std::ptrdiff_t>(n));
                const auto turn = serve_adus(gateway.units, buffer, out, 32768, gateway.traffic);
                CHECK_FALSE(turn.broken);
                buffer.erase(buffer.begin(),
                             buffer.begin() + static_cast<std::ptrdiff_t>(turn.used));
            }
            CHECK(buffer.empty());
            CHECK(out == whole);
        }
    }

    TEST_CASE("no request is carried out whose answer might not fit") {
        Gateway gateway;
        rig::Bytes stream;
        for (int n = 0; n < 10; ++n) {
            const auto adu = rig::tcp(n, 3, rig::request(6, 5, n));
            stream.insert(stream.end(), adu.begin(), adu.end());
        }
        rig::Bytes out;
        const auto turn = serve_adus(gateway.units, stream, out, 260 + 2 * 12, gateway.traffic);
        CHECK(turn.used == 3 * 12);
        CHECK(out.size() == 3 * 12);
        CHECK(gateway.word(*gateway.three, 5) == 2);

        const auto rest = std::span{stream}.subspan(turn.used);
        CHECK(serve_adus(gateway.units, rest, out, 32768, gateway.traffic).used == rest.size());
        CHECK(gateway.word(*gateway.three, 5) == 9);
    }

    TEST_CASE("a header that cannot be one breaks the stream after what was right") {
        for (const auto* const wrong : {
                 "00 02 00 01 00 06 03 03 00 05 00 01", // protocol 1
                 "00 02 00 00 00 01 03 03 00 05 00 01", // no room for a function
                 "00 02 00 00 00 FF 03 03 00 05 00 01", // longer than any PDU
                 "47 45 54 20 2F 20 48 54 54 50",       // GET / HTTP
             }) {
            Gateway gateway;
            auto in = rig::bytes("00 01 00 00 00 06 03 03 00 05 00 01");
            const auto bad = rig::bytes(wrong);
            in.insert(in.end(), bad.begin(), bad.end());
            rig::Bytes out;
            const auto turn = serve_adus(gateway.units, in, out, 4096, gateway.traffic);
            CHECK(turn.broken);
            CHECK(turn.used == 12);
            CHECK(out.size() == 11);
            CHECK(gateway.traffic.bad_header == 1);
        }
    }
}
