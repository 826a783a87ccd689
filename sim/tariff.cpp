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

} // namespace kpmsim
