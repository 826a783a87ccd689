#pragma once

#include "models/engine/meter.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// What the Modbus tests share: meters to ask and bytes to write and read as people do.
namespace rig {

using Bytes = std::vector<std::uint8_t>;

/// "03 00 01": the bytes, and back. A comment from // to the end of a line is left out.
Bytes bytes(const std::string& hex);
std::string hex(std::span<const std::uint8_t> bytes);

/// A meter with nothing but a block of registers that keep what is written (0 to 199), `relays`
/// relays from address 0 and as many inputs, and every function code.
kpmsim::MeterType plain_type(int relays = 16);

std::unique_ptr<kpmsim::Meter> meter(const kpmsim::MeterType& type, int address);
/// A built-in one, its type living as long as the program.
const kpmsim::MeterType& builtin(const std::string& name);

/// Sets a point as a client would.
bool set(kpmsim::Meter& meter, const std::string& point, double value);
/// Closes the n-th "relay" or "input" (0-based) of the first unit.
void close(kpmsim::Meter& meter, const std::string& what, int n);

/// A function code's request: function, address, quantity (or value).
Bytes request(int function, int address, int quantity);
/// With address and CRC.
Bytes rtu(int address, Bytes pdu);
/// With an MBAP header.
Bytes tcp(int transaction, int unit, const Bytes& pdu);

} // namespace rig
