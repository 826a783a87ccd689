#include "models/engine/upload_grid.hpp"

#include <algorithm>

namespace kpmsim {

namespace {

/// The first multiple of the period after `t`.
CivilTime after(CivilTime t, std::int64_t period_s) {
    if (period_s <= 0)
        return CivilTime::max();
    const std::int64_t now = t.time_since_epoch().count();
    const std::int64_t past = ((now % period_s) + period_s) % period_s;
    return t + std::chrono::seconds{period_s - past};
}

} // namespace

bool UploadGrid::energy_at(CivilTime t) const { return on(t, energy_s); }

CivilTime UploadGrid::next(CivilTime t) const {
    const CivilTime grids =
        std::min({after(t, realtime_s), after(t, energy_s), after(t, day ? day_s : 0)});
    const std::chrono::seconds delay{delay_s};
    if (energy_s <= 0 || realtime_s <= 0 || delay_s == 0)
        return grids;
    return std::min(grids, after(t - delay, energy_s) + delay);
}

} // namespace kpmsim
