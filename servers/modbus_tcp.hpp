#pragma once

#include "models/device.hpp"
#include "servers/traffic.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kpmsim {

/// The meters behind one TCP port, by unit id; a port with a single meter may answer any unit.
struct ModbusUnits {
    std::array<Device*, 256> by_unit{};
    Device* any{nullptr}; ///< answers for units that nobody else answers for; null = silence, as a
                          ///< gateway without that slave
};

/// Takes every complete ADU from the front of `in` and appends the answers to `out`, in order. A
/// pure function. Stops when the answers would go beyond `out_limit` bytes (back-pressure). Unit 0
/// is a broadcast on a gateway: executed by all, not answered. returns how many bytes of `in` were
/// used; `broken` when the stream cannot be followed any more (close it) source  Modbus Messaging
/// on TCP/IP Implementation Guide V1.0b, 3.1
struct TcpTurn {
    std::size_t used{0};
    bool broken{false};
};
TcpTurn serve_adus(const ModbusUnits& units, std::span<const std::uint8_t> in,
                   std::vector<std::uint8_t>& out, std::size_t out_limit, Traffic& traffic);

} // namespace kpmsim
