#pragma once

#include "models/engine/meter.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace kpmsim {

/// Hears of every request that was understood: the unit that it was for, who carried it out (null: nobody has
/// that unit), both PDUs; no answer is silence. A broadcast is told once for each who carried it out.
using RequestWatch =
    std::function<void(int unit, const Circuit* circuit, std::span<const std::uint8_t> request,
                       std::span<const std::uint8_t> answer)>;

} // namespace kpmsim
