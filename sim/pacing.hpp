#pragma once

#include "sim/clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// How simulated time follows the wall. The wall's time comes in as an argument.
struct Pace {
    enum class Mode {
        realtime,
        scaled,
        free,
        stepped, ///< passes only as far as somebody asks it to
        paused,  ///< stands
    } mode{Mode::realtime};
    double factor{1.0}; ///< for scaled: x60 runs an hour in a minute

    using Wall = std::chrono::nanoseconds; ///< since the farm was started

    /// It does not pass by itself.
    bool stands() const { return mode == Mode::stepped || mode == Mode::paused; }

    /// The simulated time that should have been reached at wall time `wall`; SimTime::max() when
    /// free, the start when it stands.
    SimTime target(Wall wall) const;
    /// The wall time at which `at` is due; zero when free, Wall::max() when it stands.
    Wall due(SimTime at) const;
};

/// "realtime", "x60", "free", "stepped" or "paused"; nothing when it is none of them.
std::optional<Pace> read_pace(std::string_view text);
std::string to_text(const Pace& pace);
inline constexpr std::string_view pace_cure =
    "write \"realtime\", \"x60\" (an hour in a minute), \"free\", \"stepped\" or \"paused\"";

} // namespace kpmsim
