#include "quality/aggregation.hpp"

#include <cmath>

namespace kpmsim {

namespace {

constexpr std::int64_t intervals_in_two_hours = 12;

std::int64_t two_hours_of(std::int64_t interval) {
    return interval >= 0 ? interval / intervals_in_two_hours
                         : -((-interval + intervals_in_two_hours - 1) / intervals_in_two_hours);
}

} // namespace

double aggregate(std::span<const double> windows) {
    double squares = 0;
    for (const double value : windows)
        squares += value * value;
    return windows.empty() ? 0.0 : std::sqrt(squares / static_cast<double>(windows.size()));
}

void Aggregation::Sum::add(double value, bool flag) noexcept {
    squares += value * value;
    ++parts;
    flagged = flagged || flag;
}

Aggregate Aggregation::Sum::take() noexcept {
    const Aggregate done{number, std::sqrt(squares / parts), parts, flagged};
    *this = {};
    return done;
}

Aggregation::Sum& Aggregation::group(std::int64_t number) noexcept {
    for (Sum& sum : groups_)
        if (sum.parts > 0 && sum.number == number)
            return sum;
    // At most the old grid's group and the new one's are open.
    Sum& sum = groups_[groups_[0].parts > 0 ? 1 : 0];
    sum = {};
    sum.number = number;
    return sum;
}

void Aggregation::close_interval(Aggregates& out) {
    if (interval_.parts == 0)
        return;
    const Aggregate done = interval_.take();
    out.intervals.push_back(done);
    const std::int64_t hours = two_hours_of(done.number);
    if (two_hours_.parts > 0 && two_hours_.number != hours)
        out.two_hours.push_back(two_hours_.take());
    two_hours_.number = hours;
    two_hours_.add(done.value, done.flagged);
    if (two_hours_of(done.number + 1) != hours)
        out.two_hours.push_back(two_hours_.take());
}

void Aggregation::push(const PlannedWindow& window, double value, bool flagged, Aggregates& out) {
    Sum& open = group(window.group);
    open.add(value, flagged);
    if (window.completes_group)
        out.groups.push_back(open.take());
    if (!window.in_interval)
        return;
    if (interval_.parts > 0 && interval_.number != window.interval)
        close_interval(out);
    interval_.number = window.interval;
    interval_.add(value, flagged);
}

void Aggregation::finish(Aggregates& out) {
    close_interval(out);
    if (two_hours_.parts > 0)
        out.two_hours.push_back(two_hours_.take());
}

} // namespace kpmsim
