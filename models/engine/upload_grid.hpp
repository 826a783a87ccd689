#pragma once

#include "models/type/upload_plan.hpp"
#include "sim/clock.hpp"

#include <cstdint>

namespace kpmsim {

/// When a circuit sends which packets, by the meter's clock. On a full minute where both are due the
/// energies go first and the realtime packets `realtime_delay_s` later with the same time in them
/// (V1.9 and the captures).
struct UploadGrid {
    std::int64_t realtime_s{0}; ///< 0 = never
    std::int64_t energy_s{0};
    std::int64_t delay_s{0};
    bool day{false}; ///< something goes out at 0:00

    bool day_at(CivilTime t) const { return day && on(t, day_s); }
    bool energy_at(CivilTime t) const;
    /// The stamp of the realtime packets that go out at `t`, calling `send` with each.
    template <class Send>
    void realtime_at(CivilTime t, Send send) const {
        const CivilTime before = t - std::chrono::seconds{delay_s};
        if (delay_s > 0 && energy_at(before) && on(before, realtime_s))
            send(before);
        if ((delay_s == 0 || !energy_at(t)) && on(t, realtime_s))
            send(t);
    }
    /// The first second after `t` at which something may be due; CivilTime::max() for never.
    CivilTime next(CivilTime t) const;

private:
    static constexpr std::int64_t day_s = 86'400;
    static bool on(CivilTime t, std::int64_t period_s) {
        return period_s > 0 && t.time_since_epoch().count() % period_s == 0;
    }
};

} // namespace kpmsim
