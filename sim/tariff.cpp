#include "sim/tariff.hpp"

#include <algorithm>

namespace kpmsim {

int TariffTable::at(CivilTime t) const {
    if (periods.empty())
        return 0;
    const CivilFields f = fields_of(t);
    const int minute = f.hour * 60 + f.minute;
    const auto next = std::upper_bound(
        periods.begin(), periods.end(), minute,
        [](int value, const TariffPeriod& period) { return value < period.from_minute; });
    return next == periods.begin() ? periods.back().tariff : std::prev(next)->tariff;
}

int TariffYear::at(CivilTime t) const {
    if (days.empty())
        return 0;
    if (zones.empty())
        return days.front().at(t);
    const CivilFields f = fields_of(t);
    const int date = f.month * 100 + f.day;
    const auto next =
        std::upper_bound(zones.begin(), zones.end(), date,
                         [](int value, const TariffZone& zone) { return value < zone.from_date; });
    const TariffZone& zone = next == zones.begin() ? zones.back() : *std::prev(next);
    return days.at(static_cast<std::size_t>(zone.day)).at(t);
}

} // namespace kpmsim
