#pragma once

#include "models/engine/meter.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace kpmsim {

inline constexpr std::size_t max_pdu = 253;

struct Pdu {
    std::array<std::uint8_t, max_pdu> bytes{};
    std::size_t size{0};

    std::span<const std::uint8_t> view() const { return {bytes.data(), size}; }
};

/// Answers one request PDU (function code and data, no address and no check) as the meter does.
/// Always answers: what the meter refuses becomes an exception (01 function, 02 address, 03
/// value). Function codes 01 02 03 04 05 06 15 16 43 as the meter's type allows. A broadcast is
/// executed the same way; the caller drops the answer. source  Modbus Application Protocol V1.1b3,
/// sections 6 and 7
Pdu answer(Circuit& circuit, std::span<const std::uint8_t> request);

/// Whether a PDU can only be an answer, which no meter answers: an exception (function codes from 80H
/// on), or what a read or a write of many is answered with and is not asked with. The answer to a
/// write of one coil or register is its request again, and nobody can tell the two apart.
bool is_answer(std::span<const std::uint8_t> pdu);

/// How long the request that begins with these bytes is (PDU), for framing; nothing while it cannot
/// be told yet, and 0 when the function code is unknown.
std::optional<std::size_t> request_length(std::span<const std::uint8_t> pdu);

} // namespace kpmsim
