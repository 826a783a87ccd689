#pragma once

#include "models/type/register_map.hpp"
#include "sim/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Numbers of one write or read (V1.9, 3.8).
inline constexpr int most_tunnelled = 100;

/// How MQTT's tunnel writes registers down: numbers between semicolons, an integer for each register or
/// a float for each two, in the meter's order.
struct TunnelNumbers {
    bool floats{false};
    WordOrder order{};

    std::size_t words_each() const { return floats ? 2 : 1; }
    /// The words, or why there are none.
    Result<std::vector<std::uint16_t>, std::string> words(std::string_view numbers) const;
    std::string text(std::span<const std::uint16_t> words) const;
    /// Why so many words from `first` on cannot be written as these numbers: a float is for a register
    /// pair that is one, an integer for all others. Empty where they can, as far as that goes.
    std::string misfit(const RegisterMap& map, std::uint16_t first, std::size_t words) const;
};

} // namespace kpmsim
