#include "sim/extremes.hpp"

#include <cmath>

namespace kpmsim {

void Extremes::push(const Readings& readings, CivilTime rtc, const Resolution& resolution) {
    ++pushed_;
    for (std::size_t n = 0; n < reading_slots; ++n) {
        const double value = readings.value[n];
        if (std::isnan(value))
            continue;
        const double step = resolution.of(static_cast<Slot>(n));
        if (!has_[n] || value > max_[n].value + step)
            max_[n] = {value, rtc};
        if (!has_[n] || value < min_[n].value - step)
            min_[n] = {value, rtc};
        has_[n] = true;
    }
}

} // namespace kpmsim
