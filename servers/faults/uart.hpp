#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kpmsim {

/// What a receiver at another speed makes of 8N1 characters that follow each other without a pause. It
/// takes each bit's level at its middle, begins at a falling edge, and passes on what it has, whatever
/// its stop bit. A break, as a very slow sender makes of each zero, is one character.
/// sent, heard: Bd, above 0
std::vector<std::uint8_t> heard_at(std::span<const std::uint8_t> bytes, double sent, double heard);

/// Those of 8N1 characters that a receiver with parity keeps: it takes the stop bit, always one, for the
/// parity of eight data bits.
std::vector<std::uint8_t> heard_with_parity(std::span<const std::uint8_t> bytes, bool odd);

} // namespace kpmsim
