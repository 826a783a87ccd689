#pragma once

#include "sim/clock.hpp"

#include <algorithm>
#include <cstdint>

namespace kpmsim {

/// What a year of two digits can tell: from 2000-01-01T00:00:00 on, 2099-12-31T23:59:59 the last of it.
inline constexpr CivilTime first_of_century{std::chrono::seconds{946'684'800}};
inline constexpr std::chrono::seconds century{std::int64_t{36'525} * 86'400};

/// How many of them lie between that and the time that is told.
constexpr std::int64_t centuries_at(CivilTime t) {
    const auto since = (t - first_of_century).count();
    return since / century.count() - (since % century.count() < 0 ? 1 : 0);
}

/// A meter's clock against that of its site: set once, and drifting since. It shows whole seconds,
/// so it slips by whole seconds. Its year has two digits: after 2099 comes 2000.
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
    /// The years as they are, beyond two digits, too.
    CivilTime counted(CivilTime site) const { return site + std::chrono::seconds{offset_at(site)}; }
    CivilTime shown(CivilTime site) const {
        const CivilTime all = counted(site);
        return all - centuries_at(all) * century;
    }
};

} // namespace kpmsim
