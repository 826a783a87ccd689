#pragma once

#include "sim/clock.hpp"
#include "sim/meter_state.hpp"
#include "sim/resolution.hpp"

namespace kpmsim {

/// The greatest or least value of a reading, and the meter's clock when it was first there.
struct Extreme {
    double value{0};
    CivilTime at{};
    KPMSIM_FIELDS(value, at);
};

/// … of one value, as Extremes keep them of readings.
struct ValueExtremes {
    Extreme max, min;
    bool any{false}; ///< it was there
    KPMSIM_FIELDS(max, min, any);

    void push(double value, CivilTime rtc) {
        if (!any || value > max.value)
            max = {value, rtc};
        if (!any || value < min.value)
            min = {value, rtc};
        any = true;
    }
};

/// Maxima and minima of all readings since they were cleared ("max & min value statistics").
///
/// unit    of the readings; a moment is the end of the window that the reading is of
/// error   none: values are kept as they were read. A reading that is not a number does not count,
///         nor one that is no further out by more than the resolution: of a reading that stays, the
///         first is kept.
/// source  KPM312 and KPM37 manuals, feature lists; KPM53 manual, "Max", "Min", "cLr MaxMin"
class Extremes {
public:
    /// Of the first `slots` alone.
    void push(const Readings& readings, CivilTime rtc, const Resolution& resolution = {},
              std::size_t slots = reading_slots);
    /// Whether push() would find a new extreme.
    bool exceeded_by(const Readings& readings, const Resolution& resolution,
                     std::size_t slots = reading_slots) const;
    void clear() { *this = {}; }

    bool empty() const { return pushed_ == 0; }
    const Extreme& max(Slot s) const { return max_[static_cast<std::size_t>(s)]; }
    const Extreme& min(Slot s) const { return min_[static_cast<std::size_t>(s)]; }

    KPMSIM_FIELDS(max_, min_, has_, pushed_);

private:
    std::array<Extreme, reading_slots> max_{}, min_{};
    std::array<bool, reading_slots> has_{};
    std::uint64_t pushed_{0};
};

} // namespace kpmsim
