#pragma once

#include "servers/line/line_settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kpmsim {

/// How Modbus is written down on a connection.
enum class WireForm : std::uint8_t {
    rtu, ///< address, PDU, CRC; with its moments as on two wires
    tcp, ///< MBAP header, PDU
};

/// What a fault has to know about the messages that it sees: where their parts are.
namespace framing {

using Bytes = std::vector<std::uint8_t>;

/// Shorter ones have no unit, no PDU and no check.
std::size_t least(WireForm form);
std::uint8_t& unit(WireForm form, Bytes& message);
std::span<const std::uint8_t> pdu(WireForm form, const Bytes& message);
/// The same message with another PDU: length and check are right again.
Bytes with_pdu(WireForm form, const Bytes& message, std::span<const std::uint8_t> pdu);
/// Its check, or the length in its header, is made right.
void seal(WireForm form, Bytes& message);
/// Of the ADU at the front; nothing while its header is not there, 0 when it is none.
std::optional<std::size_t> adu_length(std::span<const std::uint8_t> bytes);

} // namespace framing

} // namespace kpmsim
