#pragma once

#include "sim/clock.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace kpmsim {

/// A basic window as class A cuts it: which cycles, and what it is aggregated into.
struct PlannedWindow {
    std::int64_t first_cycle{0}; // 0 begins at the first crossing pushed
    int cycles{0};
    SimTime begin{}, end{};
    std::int64_t interval{0}; // number of the 10-minute interval that it began in
    bool in_interval{true};   // false: past the tick, only completes a 150/180-cycle group
    std::int64_t group{0};    // number of the 150/180-cycle group
    bool completes_group{false};
};

/// Cuts the cycles of the reference channel into basic windows, 150/180-cycle groups and 10-minute
/// intervals.
///
/// At the first crossing on or after a tick a new window and a new group begin. The window under way
/// runs on to its end and counts in the interval that it began in (overlap 1); the group under way
/// is completed by windows of the old grid, which count in no interval (overlap 2).
///
/// shape   the fundamental's upward zero crossings, one by one
/// error   exact: counting
/// source  IEC 61000-4-30, 4.5 and annex (class A); docs/explanation/power-quality.md, "Intervals"
class WindowPlan {
public:
    static constexpr int windows_per_group = 15;

    /// `cycles`: 10 or 12. `tick` is any moment at which the site's clock shows a whole 10 minutes,
    /// best an even hour: interval n begins at tick + n * interval.
    explicit WindowPlan(int cycles, SimTime tick = {},
                        SimDuration interval = std::chrono::minutes{10})
        : cycles_{cycles}, tick_{tick}, interval_{interval} {}

    /// Appends the windows that end with this crossing.
    void push(SimTime crossing, std::vector<PlannedWindow>& out);

private:
    /// One grid of windows; after a tick the old one may live on beside the new one.
    struct Grid {
        std::int64_t first_cycle{0}; // of the window under way
        SimTime begin{};
        std::int64_t interval{0};
        bool in_interval{true};
        std::int64_t group{0};
        int windows{0}; // complete in the group under way
    };

    std::int64_t interval_of(SimTime t) const;
    void advance(Grid& grid, SimTime crossing, std::vector<PlannedWindow>& out);

    int cycles_;
    SimTime tick_;
    SimDuration interval_;
    std::int64_t crossings_{0};
    std::int64_t groups_{0};
    std::optional<Grid> current_, leaving_;
};

} // namespace kpmsim
