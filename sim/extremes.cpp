#include "sim/extremes.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

bool Extremes::exceeded_by(const Readings& readings, const Resolution& resolution,
                           std::size_t slots) const {
    for (std::size_t n = 0; n < slots; ++n) {
        const double value = readings.value[n];
        if (!has_[n] && !std::isnan(value))
            return true;
        const double above = value - max_[n].value;
        const double below = min_[n].value - value;
        if (has_[n] && (above > 0 || below > 0) &&
            std::max(above, below) > resolution.of(static_cast<Slot>(n)))
            return true;
    }
    return false;
}

void Extremes::push(const Readings& readings, CivilTime rtc, const Resolution& resolution,
                    std::size_t slots) {
    ++pushed_;
    for (std::size_t n = 0; n < slots; ++n) {
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
