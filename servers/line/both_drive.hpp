#pragma once

#include <cstdint>

namespace kpmsim {

/// Two drivers on one pair: a zero wins over a one, and the second one is never quite in step with
/// the first.
constexpr std::uint8_t both_drive(std::uint8_t first, std::uint8_t second) {
    const auto out_of_step = static_cast<std::uint8_t>(second << 1 | second >> 7);
    return first & out_of_step;
}

} // namespace kpmsim
