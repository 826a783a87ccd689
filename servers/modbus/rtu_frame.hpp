#pragma once

#include "servers/line/line_settings.hpp"
#include "servers/modbus/modbus_pdu.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kpmsim {

// Modbus over serial line V1.02, 2.5.1: address, PDU, CRC with its low byte first.

inline constexpr std::size_t least_rtu_frame = 4;                   // address, function, check
inline constexpr std::size_t around_pdu = 3;                        // address before, check behind
inline constexpr std::size_t most_rtu_frame = around_pdu + max_pdu; // 256

std::uint16_t crc16(std::span<const std::uint8_t> bytes);
/// Whether the frame's last two bytes are its CRC.
bool check_is_right(std::span<const std::uint8_t> frame);
/// Whether it is what a request of a known function looks like when all of it is there.
bool is_whole_request(std::span<const std::uint8_t> frame);
std::vector<std::uint8_t> rtu_frame(std::uint8_t address, const Pdu& pdu);

/// The silence that ends a frame: 3.5 characters, 1.75 ms above 19200 Bd (2.5.1.1).
LineTime rtu_silence(const LineSettings& settings);

} // namespace kpmsim
