#pragma once

#include "sim/clock.hpp"
#include "sim/fields.hpp"

namespace kpmsim {

/// A contact as its input sees it: the input shows what the contact has been without a break for the
/// debounce time.
///
/// error   none: a contact that comes back sooner, be it by a nanosecond, is not seen
/// source  KPM53 manual, 1.2: 40 ms
struct Debounce {
    bool closed{false}; ///< the contact …
    SimTime since{};    ///< … and since when
    KPMSIM_FIELDS(closed, since);

    /// When an input that shows `shown` follows; SimTime::max() where there is nothing to follow.
    SimTime due(bool shown, SimDuration debounce) const {
        return closed == shown ? SimTime::max() : since + debounce;
    }
};

} // namespace kpmsim
