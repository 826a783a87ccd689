#pragma once

#include "sim/clock.hpp"
#include "sim/meter_state.hpp"
#include "sim/resolution.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace kpmsim {

/// Sliding demand: the mean over the last N complete minutes of the meter's clock, new each minute.
///
/// A window belongs to the minute in which it began. Until the first minute is complete the demand
/// is 0; until N are, it is the mean over what there is; minutes count by their metered time, so a
/// minute that was begun late weighs less. Setting the clock ends the minute that it was in. P and
/// Q are signed, import less export; the maxima are those of P, Q, S and the currents and begin at 0.
/// At 0:00 of a day of the month, by the clock, they are written down as the month's and begin anew,
/// after the month's last minute had its say; without supply then, when the supply is back. A maximum
/// stands, with the moment at which it was reached, until it is exceeded by more than the converters
/// can tell apart.
///
/// unit    out = in
/// error   rounding only, below 1e-12
/// source  the manuals: "sliding window", 0 to 120 min, sub-intervals of one minute
class DemandMeter {
public:
    /// Width of the window in minutes, at least 1; a new width begins anew.
    void set_minutes(int minutes);
    /// The day of the month, 1 to 28, on which the maxima begin anew.
    void set_day(int day) { day_ = day; }
    /// The first window, or the first one with supply again, will begin at `rtc`; without it the clock
    /// at its end must do.
    void begin(CivilTime rtc, DemandReadings& demand);
    /// `rtc` is the meter's clock at the end of the window that `readings` belong to; without a
    /// resolution any rise is a new maximum.
    void push(const Readings& readings, SimDuration length, CivilTime rtc, DemandReadings& demand,
              const Resolution& resolution = {});
    static void clear_maxima(DemandReadings& demand);

    KPMSIM_FIELDS(running_, minutes_, filled_, oldest_, minute_, started_, day_);
    bool valid() const {
        return oldest_ < minutes_.size() && filled_ <= minutes_.size() && day_ >= 1 && day_ <= 28;
    }

private:
    /// p, q, s, i_a … i_c, s_a … s_c, in the order of Demand.
    static constexpr std::size_t quantities = static_cast<std::size_t>(Demand::p_max);
    /// Integrals over a minute, and the time that they are of.
    struct Minute {
        std::array<double, quantities> sum{};
        double seconds{0};
        KPMSIM_FIELDS(sum, seconds);
    };
    void close_minute(CivilTime rtc, const Resolution& resolution, DemandReadings& demand);
    void go_on_in(CivilTime minute, DemandReadings& demand);

    Minute running_;
    std::vector<Minute> minutes_ = std::vector<Minute>(1); ///< a ring
    std::size_t filled_{0};
    std::size_t oldest_{0};
    CivilTime minute_{};
    bool started_{false};
    int day_{1};
};

} // namespace kpmsim
