#pragma once

#include "waveforms/load_currents.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace kpmsim {

/// Something that happens to a load: from `from` for `length`, then everything is as before.
///
/// It goes there in a straight line within `edge`, and back in as much after `length`; 0 is a step.
/// With `decay` it is there at once and dies away. An instant acts on the samples at and after it.
/// Where changes overlap, each factor acts on the load as those that began before have left it, and what
/// is beside the load adds.
struct LoadChange {
    std::uint64_t action{0}; ///< whose it is
    SimTime from{};
    SimDuration length{for_good};
    SimDuration edge{};
    SimDuration decay{};        ///< time constant; 0 = it does not die away
    double own{1.0};            ///< factor on what the load draws itself
    std::optional<Load> beside; ///< is drawn on top …
    bool is_load{false};        ///< … and is the load itself from then on, to those that follow
    SimDuration ahead{};        ///< what the profile of `beside` is ahead of the farm's time
};

/// How far a change is there at a moment: 0 not at all, 1 wholly.
double presence(const LoadChange& change, const RowTime& t);

/// Until when a change leaves the load as it is at `at`; `at` itself while it moves, SimTime::max()
/// when nothing more comes. What is drawn beside it may move besides.
SimTime steady_until(const LoadChange& change, SimTime at);

/// The currents of a load to which these things happen; `drawn` is what it draws of itself. Rows at
/// which something begins or ends cut a window into pieces; what moves is cut eight times a cycle and
/// goes straight between.
///
/// error   of a change that dies away, between two cuts: (2.5 ms / decay)^2 / 8 of it
WindowCurrents changed(WindowCurrents drawn, std::span<const LoadChange> changes,
                       const SupplyWindow& supply);

} // namespace kpmsim
