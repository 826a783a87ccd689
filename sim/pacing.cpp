#include "sim/pacing.hpp"

#include <cmath>

namespace kpmsim {

SimTime Pace::target(Wall wall) const {
    switch (mode) {
    case Mode::realtime:
        return SimTime{wall};
    case Mode::scaled:
        return SimTime{SimDuration{static_cast<std::int64_t>(
            std::floor(static_cast<long double>(wall.count()) * factor))}};
    case Mode::free:
        break;
    }
    return SimTime::max();
}

Pace::Wall Pace::due(SimTime at) const {
    switch (mode) {
    case Mode::realtime:
        return at.time_since_epoch();
    case Mode::scaled: {
        // The first wall time whose target is `at` or later; the division may be off by one.
        Wall wall{static_cast<std::int64_t>(
            std::ceil(static_cast<long double>(at.time_since_epoch().count()) / factor))};
        while (target(wall) < at)
            ++wall;
        while (target(wall - Wall{1}) >= at)
            --wall;
        return wall;
    }
    case Mode::free:
        break;
    }
    return Wall::zero();
}

} // namespace kpmsim
