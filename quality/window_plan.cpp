#include "quality/window_plan.hpp"

namespace kpmsim {

std::int64_t WindowPlan::interval_of(SimTime t) const {
    const SimDuration since = t - tick_;
    const std::int64_t whole = since / interval_;
    return since < whole * interval_ ? whole - 1 : whole;
}

/// `crossing` ends cycle crossings_ - 1; a window may be complete with it.
void WindowPlan::advance(Grid& grid, SimTime crossing, std::vector<PlannedWindow>& out) {
    if (crossings_ - grid.first_cycle < cycles_)
        return;
    ++grid.windows;
    const bool completes = grid.windows == windows_per_group;
    out.push_back({grid.first_cycle, cycles_, grid.begin, crossing, grid.interval, grid.in_interval,
                   grid.group, completes});
    grid.first_cycle = crossings_;
    grid.begin = crossing;
    if (completes) {
        grid.windows = 0;
        grid.group = -1; // numbered when its first window begins to count
    }
}

void WindowPlan::push(SimTime crossing, std::vector<PlannedWindow>& out) {
    if (leaving_) {
        advance(*leaving_, crossing, out);
        if (leaving_->first_cycle == crossings_) { // the window that overlapped the tick is done
            leaving_->in_interval = false;
            if (leaving_->windows == 0)
                leaving_.reset();
        }
    }
    if (current_)
        advance(*current_, crossing, out);

    const std::int64_t interval = interval_of(crossing);
    if (current_ && interval != current_->interval) {
        const bool between_windows = current_->first_cycle == crossings_;
        if (!between_windows || current_->windows > 0) {
            leaving_ = current_;
            leaving_->in_interval = !between_windows;
        }
        current_.reset();
    }
    if (!current_)
        current_ = Grid{crossings_, crossing, interval, true, groups_++, 0};
    else if (current_->group < 0)
        current_->group = groups_++;
    ++crossings_;
}

} // namespace kpmsim
