#pragma once

#include "sim/clock.hpp"

#include <chrono>

namespace kpmsim {

/// How simulated time follows the wall. The wall's time comes in as an argument.
struct Pace {
    enum class Mode { realtime, scaled, free } mode{Mode::realtime};
    double factor{1.0}; ///< for scaled: x60 runs an hour in a minute

    using Wall = std::chrono::nanoseconds; ///< since the farm was started

    /// The simulated time that should have been reached at wall time `wall`; SimTime::max() when
    /// free.
    SimTime target(Wall wall) const;
    /// The wall time at which `at` is due; zero when free.
    Wall due(SimTime at) const;
};

} // namespace kpmsim
