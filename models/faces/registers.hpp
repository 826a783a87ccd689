#pragma once

#include "models/engine/device.hpp"

#include <cstdint>
#include <span>

namespace kpmsim {

/// Whole or parts of rows (a request may begin or end inside a value); any hole in the range
/// refuses (unknown).
Instrument::Done read_registers(const Device& device, std::uint16_t first,
                                std::span<std::uint16_t> out);
/// All or nothing: every row must be whole, be there (else unknown), be writable (read_only) and
/// take its value (out_of_range).
Instrument::Done write_registers(Device& device, std::uint16_t first,
                                 std::span<const std::uint16_t> words);

/// Relays and inputs of this unit, bit n = address first + n.
Instrument::Done read_coils(const Device& device, std::uint16_t first, std::span<bool> out);
Instrument::Done write_coils(Device& device, std::uint16_t first, std::span<const bool> closed);
Instrument::Done read_inputs(const Device& device, std::uint16_t first, std::span<bool> out);

bool answers_function(const DeviceType& type, int code);

} // namespace kpmsim
