#pragma once

#include "sim/clock.hpp"
#include "sim/fields.hpp"

#include <algorithm>

namespace kpmsim {

/// A contact as its input sees it: the input shows what the contact has been without a break for the
/// debounce time. What comes of it shows at a window boundary, so an input that has moved stays so for
/// a window: a contact that outlasted the debounce time and has gone again is seen.
///
/// error   none: a contact that comes back sooner, be it by a nanosecond, is not seen; of several that
///         come and go within a window the first is
/// source  KPM53 manual, 1.2: 40 ms
struct Debounce {
    bool closed{false}; ///< the contact …
    SimTime since{};    ///< … and since when
    SimTime moved{};    ///< the boundary at which the input moved last
    KPMSIM_FIELDS(closed, since, moved);

    /// When an input that shows `shown` follows; SimTime::max() where there is nothing to follow.
    SimTime due(bool shown, SimDuration debounce) const {
        return closed == shown ? SimTime::max()
                               : std::max(since + debounce, moved + SimDuration{1});
    }
};

} // namespace kpmsim
