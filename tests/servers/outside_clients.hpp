#pragma once

#include <doctest/doctest.h>
#include <modbus.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

/// Clients that are not ours, at work on two plain meters with the addresses 1 and 2.
namespace rig {

/// libmodbus on a connected context, which it closes: ten requests, of which two are refused,
/// and a third unit that is not there.
inline void libmodbus_reads_and_writes(modbus_t* client) {
    modbus_set_response_timeout(client, 5, 0); // a machine may stand still for a while
    for (const int unit : {1, 2}) {
        modbus_set_slave(client, unit);
        std::vector<std::uint16_t> words(123, static_cast<std::uint16_t>(unit));
        CHECK(modbus_write_registers(client, 0, 123, words.data()) == 123);
        std::vector<std::uint16_t> back(125);
        CHECK(modbus_read_registers(client, 0, 125, back.data()) == 125);
        CHECK(back[122] == unit);
        CHECK(back[123] == 0);
        CHECK(modbus_write_bit(client, 3, 1) == 1);
        std::vector<std::uint8_t> bits(16);
        CHECK(modbus_read_bits(client, 0, 16, bits.data()) == 16);
        CHECK(bits[3] == 1);
        CHECK(modbus_read_registers(client, 199, 2, back.data()) == -1);
        CHECK(errno == EMBXILADD);
    }
    modbus_set_slave(client, 3);
    modbus_set_response_timeout(client, 0, 50'000);
    std::uint16_t word = 0;
    CHECK(modbus_read_registers(client, 0, 1, &word) == -1);
    CHECK(errno == ETIMEDOUT);
    modbus_close(client);
    modbus_free(client);
}
constexpr unsigned libmodbus_requests = 10;
constexpr unsigned libmodbus_exceptions = 2;

/// Runs mbpoll once with those options; the register at address 9 holds 4321.
inline void mbpoll_reads(const std::string& options) {
    const std::string command = "/usr/bin/mbpoll -a 1 -r 10 -c 1 -1 " + options + " 2>&1";
    auto* const mbpoll = ::popen(command.c_str(), "r");
    REQUIRE(mbpoll != nullptr);
    std::string said;
    for (std::array<char, 256> text; std::fgets(text.data(), text.size(), mbpoll);)
        said += text.data();
    CHECK(::pclose(mbpoll) == 0);
    INFO(said);
    CHECK(said.find("4321") != std::string::npos);
}

} // namespace rig
