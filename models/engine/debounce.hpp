#pragma once

#include "sim/clock.hpp"
#include "sim/fields.hpp"

namespace kpmsim {

/// A contact and its input, which is what the contact has been without a break for the debounce time.
///
/// What comes of it shows at window boundaries: an input that was another one at any time since the last
/// boundary shows so until the next, so that a contact of 41 ms is seen.
///
/// error   none: a contact that comes back sooner, be it by a nanosecond, is not seen; of several that
///         come and go between two boundaries one is shown
/// source  KPM53 manual, 1.2: 40 ms
struct Debounce {
    bool closed{false}; ///< the contact …
    SimTime since{};    ///< … and since when
    bool input{false};  ///< what follows it
    bool before{false}; ///< what was shown up to …
    SimTime at{};       ///< … the last boundary at which it was looked at
    KPMSIM_FIELDS(closed, since, input, before, at);

    /// When something moves: the input, or what is shown of it. SimTime::max() for never.
    SimTime due(bool shown, SimDuration debounce) const {
        if (shown != input)
            return at + SimDuration{1};
        return closed == input ? SimTime::max() : since + debounce;
    }
    /// A boundary is come, up to which `shown` was shown.
    void look(SimTime boundary, bool shown) {
        if (at == boundary)
            return;
        at = boundary;
        before = shown;
    }
    /// The input follows a contact that has stayed up to `by`; true when it has moved.
    bool follow(SimTime by, SimDuration debounce) {
        if (closed == input || since + debounce > by)
            return false;
        input = closed;
        return true;
    }
};

} // namespace kpmsim
