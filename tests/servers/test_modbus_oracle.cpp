#include "servers/line/half_duplex_line.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/rtu_meters.hpp"

#include "modbus_rig.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <modbus.h>

#include <array>

#include <sys/socket.h>
#include <unistd.h>

// The same request bytes go to a meter of ours and to libmodbus's modbus_reply(), which serves the
// same registers, coils and inputs without a hole; the answers must be the same bytes. Where
// libmodbus 3.1.6 departs from the specification (Modbus Application Protocol V1.1b3) the request is
// not in the list:
//
//   function 05, value neither 0000 nor FF00, address unknown   answers 02; by 6.5 the value comes
//                                                               first: 03
//   functions 15 and 16, byte count not of the quantity         is not looked at; 6.11, 6.12: 03
//   a request that is too short                                 is answered from stale bytes
//   functions 22 and 23                                         are known to it, not to our meters
//   function 07                                                 gets no answer at all
//   function 17                                                 names libmodbus
//   unit 0 over TCP                                             is answered; ours is a gateway

using namespace kpmsim;

namespace {

constexpr int relays = 2100;
constexpr int registers = 200;

/// libmodbus as a server of one request at a time.
class Oracle {
public:
    Oracle() : server_{modbus_new_tcp("127.0.0.1", 1502)} {
        REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets_.data()) == 0);
        modbus_set_socket(server_, sockets_[0]);
        modbus_set_response_timeout(server_, 0, 1); // it sleeps that long before some refusals
        mapping_.nb_bits = mapping_.nb_input_bits = relays;
        mapping_.nb_registers = mapping_.nb_input_registers = registers;
        mapping_.tab_bits = coils_.data();
        mapping_.tab_input_bits = inputs_.data();
        mapping_.tab_registers = mapping_.tab_input_registers = words_.data();
    }
    ~Oracle() {
        modbus_free(server_);
        ::close(sockets_[0]);
        ::close(sockets_[1]);
    }
    Oracle(const Oracle&) = delete;
    Oracle& operator=(const Oracle&) = delete;

    void set_input(int n) { inputs_[static_cast<std::size_t>(n)] = 1; }

    rig::Bytes reply(const rig::Bytes& adu) {
        modbus_reply(server_, adu.data(), static_cast<int>(adu.size()), &mapping_);
        rig::Bytes answer(MODBUS_TCP_MAX_ADU_LENGTH);
        const auto n = ::recv(sockets_[1], answer.data(), answer.size(), MSG_DONTWAIT);
        answer.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return answer;
    }

private:
    modbus_t* server_;
    std::array<int, 2> sockets_{};
    std::array<std::uint8_t, relays> coils_{};
    std::array<std::uint8_t, relays> inputs_{};
    std::array<std::uint16_t, registers> words_{};
    modbus_mapping_t mapping_{};
};

std::vector<rig::Bytes> requests() {
    std::vector<rig::Bytes> all;
    const auto write_many = [&](int function, int address, int quantity, std::size_t count) {
        auto pdu = rig::request(function, address, quantity);
        pdu.push_back(static_cast<std::uint8_t>(count));
        for (std::size_t i = 0; i < count; ++i)
            pdu.push_back(
                static_cast<std::uint8_t>(31 * i + 7 * static_cast<std::size_t>(address)));
        all.push_back(pdu);
    };
    // writes first, so that the reads have something to tell
    for (const int address : {0, 1, 77, 198, 199, 200, 2099, 2100, 65535}) {
        for (const int quantity : {1, 2, 7, 8, 9, 60, 122, 123})
            write_many(16, address, quantity, 2 * static_cast<std::size_t>(quantity));
        for (const int quantity : {1, 7, 8, 9, 1967, 1968})
            write_many(15, address, quantity, (static_cast<std::size_t>(quantity) + 7) / 8);
        for (const int quantity : {0, 124, 1000, 65535})
            write_many(16, address, quantity, 8);
        for (const int quantity : {0, 1969, 2000, 65535})
            write_many(15, address, quantity, 8);
        for (const int value : {0x0000, 0x0001, 0x8000, 0xFFFF})
            all.push_back(rig::request(6, address, value));
        for (const int value : {0x0000, 0xFF00})
            all.push_back(rig::request(5, address, value));
        if (address < relays)
            for (const int value : {0x0001, 0x00FF, 0xFF01, 0xFFFF})
                all.push_back(rig::request(5, address, value));
    }
    for (const int function : {1, 2, 3, 4})
        for (const int address : {0, 1, 75, 76, 99, 100, 101, 199, 200, 2099, 2100, 65534, 65535})
            for (const int quantity :
                 {0,   1,   2,   7,   8,   9,   15,  16,   17,   100,  101,  124,  125,  126,
                  127, 128, 199, 200, 201, 255, 256, 1999, 2000, 2001, 2002, 2100, 4096, 65535})
                all.push_back(rig::request(function, address, quantity));
    for (int function = 0; function < 256; ++function)
        if (function > 24 && function < 128)
            all.push_back(rig::request(function, 0, 1));
    return all;
}

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("libmodbus gives the same answer bytes to every request of a long list") {
        const auto type = rig::plain_type(relays);
        const auto meter = rig::meter(type, 17);
        Oracle oracle;
        for (int n = 0; n < relays; n += 3) {
            rig::close(*meter, "input", n);
            oracle.set_input(n);
        }
        ModbusUnits units;
        units.units = {{&meter->circuits().front()}};

        const auto list = requests();
        CHECK(list.size() > 1500);
        Traffic traffic;
        int differing = 0;
        int transaction = 0;
        for (const auto& pdu : list) {
            const auto adu = rig::tcp(transaction++, 17, pdu);
            rig::Bytes ours;
            const auto turn = serve_adus(units, adu, ours, 4096, traffic);
            REQUIRE(turn.used == adu.size());
            const auto theirs = oracle.reply(adu);
            if (ours != theirs && ++differing <= 5)
                FAIL_CHECK(fmt::format("asked {}\nours   {}\ntheirs {}", rig::hex(pdu),
                                       rig::hex(ours), rig::hex(theirs)));
        }
        CHECK(differing == 0);
        CHECK(traffic.requests == list.size());
        CHECK(traffic.exceptions > list.size() / 4);
        CHECK(traffic.exceptions < list.size());
    }

    TEST_CASE("libmodbus frames the same answer with the same CRC on a serial line") {
        const auto type = rig::plain_type();
        const auto meter = rig::meter(type, 9);
        RtuMeters stations{LineSettings{}, {&meter->circuits().front()}};
        HalfDuplexLine line{LineSettings{}, stations};

        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        auto* const server = modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
        modbus_set_slave(server, 9);
        modbus_set_socket(server, ends[1]);
        auto* const mapping = modbus_mapping_new(16, 16, registers, registers);

        LineTime at{};
        for (const auto* const pdu :
             {"10 00 03 00 02 04 12 34 56 78", "03 00 00 00 0A", "06 00 07 80 01", "03 00 07 00 01",
              "05 00 03 FF 00", "01 00 00 00 10", "03 00 C7 00 02"}) {
            const auto frame = rig::rtu(9, rig::bytes(pdu));
            at += std::chrono::seconds{1};
            line.receive(frame, 9600, at);
            const auto answers = line.advance(at + std::chrono::milliseconds{900});
            REQUIRE(answers.size() == 1);

            modbus_reply(server, frame.data(), static_cast<int>(frame.size()), mapping);
            rig::Bytes theirs(256);
            const auto n = ::read(ends[0], theirs.data(), theirs.size());
            theirs.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
            CHECK(rig::hex(answers.front().bytes) == rig::hex(theirs));
        }
        modbus_mapping_free(mapping);
        modbus_free(server);
        ::close(ends[0]);
        ::close(ends[1]);
    }
}
