#pragma once

#include "sim/clock.hpp"

#include <array>
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

/// From a date of the year on, a day's table.
struct TariffZone {
    int from_date{101}; ///< month * 100 + day
    int day{0};         ///< place among the year's day tables
};

/// A year's zones and their day tables.
struct TariffYear {
    std::vector<TariffZone>
        zones; ///< ascending; before the first one the last one of the year rules
    std::vector<TariffTable> days;

    /// The tariff in force; that of the first table where there are no zones.
    int at(CivilTime t) const;
};

/// All that a meter's tariffs go by: a year's tables, and others from a date on.
struct TariffCalendar {
    std::array<TariffYear, 2> years;
    CivilTime second_from{CivilTime::max()};

    int at(CivilTime t) const { return years[t < second_from ? 0 : 1].at(t); }
};

} // namespace kpmsim
