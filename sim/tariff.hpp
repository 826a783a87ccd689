#pragma once

#include "sim/clock.hpp"

#include <cstdint>
#include <vector>

namespace kpmsim {

/// A day's tariff periods: from each start minute on, a tariff (0 sharp, 1 peak, 2 flat, 3 valley,
/// 4 deep valley, 5 sixth).
struct TariffPeriod {
    int from_minute{0}; ///< of the day, 0..1439
    int tariff{0};
    KPMSIM_FIELDS(from_minute, tariff);
    bool valid() const {
        return from_minute >= 0 && from_minute < 24 * 60 && tariff >= 0 && tariff < 6;
    }
};

struct TariffTable {
    std::vector<TariffPeriod>
        periods; ///< ascending; before the first one the last one of the day rules
    KPMSIM_FIELDS(periods);

    /// The tariff in force; 0 when the table is empty.
    int at(CivilTime t) const;
};

} // namespace kpmsim
