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
};

} // namespace kpmsim
