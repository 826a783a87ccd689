#pragma once

#include "models/engine/meter.hpp"

#include <cstdint>
#include <span>

namespace kpmsim {

/// Whether the unit has what the row is about; of several points side by side, any of them.
bool fitted(const MeterSpec& spec, const RegisterRow& row);

/// Whole or parts of rows (a request may begin or end inside a value). A hole in the range refuses
/// (unknown) or reads 0, as the space's policy says; so does a row that is only written. A range
/// that lies wholly before the space's first row or behind its last one always refuses.
Meter::Done read_registers(const Circuit& circuit, std::uint16_t first,
                           std::span<std::uint16_t> out,
                           RegisterSpace space = RegisterSpace::holding);
/// To holding registers, all or nothing: every row must be whole, be there (else unknown), be writable (read_only) and
/// take its value (out_of_range).
Meter::Done write_registers(Circuit& circuit, std::uint16_t first,
                            std::span<const std::uint16_t> words);

/// Relays and inputs of this unit, bit n = address first + n.
Meter::Done read_coils(const Circuit& circuit, std::uint16_t first, std::span<bool> out);
Meter::Done write_coils(Circuit& circuit, std::uint16_t first, std::span<const bool> closed);
Meter::Done read_inputs(const Circuit& circuit, std::uint16_t first, std::span<bool> out);

bool answers_function(const MeterType& type, int code);

} // namespace kpmsim
