#pragma once

#include "sim/clock.hpp"

#include <algorithm>
#include <cstdint>

namespace kpmsim {

/// A meter's clock against that of its site: set once, and drifting since. It shows whole seconds,
/// so it slips by whole seconds.
struct MeterClock {
    std::int64_t offset_s{0}; ///< at `since`
    double error{0};          ///< fraction by which it runs fast: 5.787e-6 is 0.5 s a day
    CivilTime since{};
    KPMSIM_FIELDS(offset_s, error, since);

    constexpr bool operator==(const MeterClock&) const = default;
    std::int64_t offset_at(CivilTime site) const {
        const auto elapsed_s = std::max<std::int64_t>((site - since).count(), 0);
        return offset_s + static_cast<std::int64_t>(error * static_cast<double>(elapsed_s));
    }
    CivilTime shown(CivilTime site) const { return site + std::chrono::seconds{offset_at(site)}; }
};

} // namespace kpmsim
