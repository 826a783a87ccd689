#pragma once

#include "sim/archive.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace kpmsim {

/// Bytes of a checkpoint with their zeros left out: most of its registers have counted nothing.
///
/// shape   again and again: how many zeros, how many other bytes (32 bits each, the low byte first), those
///         bytes; a few zeros among others stay where they are
Bytes without_zeros(std::span<const std::uint8_t> bytes);

/// Appends what without_zeros() was given. False, with `to` as far as it went, where these are not its
/// bytes or more than `most` would come of them.
bool put_zeros_back(std::span<const std::uint8_t> packed, std::size_t most, Bytes& to);

} // namespace kpmsim
