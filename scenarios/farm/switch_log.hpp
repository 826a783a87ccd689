#pragma once

#include "sim/clock.hpp"
#include "sim/fields.hpp"

#include <algorithm>
#include <vector>

namespace kpmsim {

/// When a meter's relays switched its loads, for the meters that sum them: they go through the same
/// windows afterwards.
class SwitchLog {
public:
    /// As it is before the first window.
    void begin(unsigned off) { last_ = {SimTime::min(), off}; }
    /// Bit n of `off`: from the window that begins at `from` on, circuit n's load is off.
    void note(SimTime from, unsigned off) {
        if (off == last_.off)
            return;
        before_.push_back(last_);
        last_ = {from, off};
    }
    /// All windows up to the last change have been gone through.
    void forget() { before_.clear(); }

    unsigned off() const { return last_.off; }
    /// In the window that begins at `start`.
    unsigned off_at(SimTime start) const {
        return last_.from <= start ? last_.off : earlier(start);
    }
    /// The first change after `start`, and whether there is one at it.
    SimTime next(SimTime start) const {
        const auto next_of = [&](const Switched& s) { return s.from > start; };
        const auto found = std::find_if(before_.begin(), before_.end(), next_of);
        if (found != before_.end())
            return found->from;
        return next_of(last_) ? last_.from : SimTime::max();
    }
    bool switched_at(SimTime start) const {
        return last_.from == start ||
               std::any_of(
                   before_.begin(), before_.end(), [&](Switched s) { return s.from == start; });
    }

    KPMSIM_FIELDS(last_, before_);

private:
    struct Switched {
        SimTime from{SimTime::min()};
        unsigned off{0};
        KPMSIM_FIELDS(from, off);
    };
    unsigned earlier(SimTime start) const {
        unsigned off = 0;
        for (const Switched& s : before_)
            if (s.from <= start)
                off = s.off;
        return off;
    }

    Switched last_;
    std::vector<Switched> before_; ///< earlier ones first
};

} // namespace kpmsim
