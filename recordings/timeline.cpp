// When was sample n taken?
//
// With rates, sample `first + k` of a stretch lies k/hz after the stretch's first. Files do not say
// how long the step from one stretch to the next is: a period of the old rate or of the new one, or
// a pause. Stamps, if they agree with the rates inside both stretches, decide; else it is a period
// of the old rate.
//
// Without rates the stamps rule. They are rounded to a unit u, so an even stretch that begins at
// stamp s has stamps within s + k d ± u, which bounds its period d to [(D - u)/k, (D + u)/k] for
// every sample k that lies D after s. A stretch goes on as long as these bounds have a common part.

#include "recordings/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kpmsim {
namespace {

constexpr double rounding_s = 2e-6; ///< of two stamps in whole microseconds

double stamp_s(const Recording& recording, std::int64_t from, std::int64_t to) {
    return static_cast<double>(recording.stamps_ns[static_cast<std::size_t>(to)] -
                               recording.stamps_ns[static_cast<std::size_t>(from)]) *
           1e-9;
}

bool stamps_agree(const Recording& recording, const Stretch& s) {
    const double by_rate = static_cast<double>(s.count - 1) / s.hz;
    const double by_stamps = stamp_s(recording, s.first, s.first + s.count - 1);
    return std::abs(by_stamps - by_rate) <= rounding_s + 0.01 * by_rate;
}

double step_between(const Recording& recording, const Stretch& a, const Stretch& b) {
    const bool stamped = static_cast<std::int64_t>(recording.stamps_ns.size()) >= b.first + b.count;
    if (!stamped || !stamps_agree(recording, a) || !stamps_agree(recording, b))
        return 1.0 / a.hz;
    const double step = stamp_s(recording, b.first - 1, b.first);
    const double to_a = std::abs(step - 1.0 / a.hz);
    const double to_b = std::abs(step - 1.0 / b.hz);
    if (std::min(to_a, to_b) <= rounding_s)
        return to_a <= to_b ? 1.0 / a.hz : 1.0 / b.hz;
    return step > 0.0 ? step : 1.0 / a.hz;
}

Timeline by_rates(const Recording& recording) {
    Timeline timeline;
    std::int64_t first = 0;
    for (const RecordedRate& rate : recording.rates) {
        const std::int64_t end = std::min(rate.end, recording.samples());
        if (end <= first || !(rate.hz > 0.0))
            continue;
        Stretch next{first, end - first, rate.hz, 0.0};
        first = end;
        if (timeline.empty()) {
            timeline.push_back(next);
            continue;
        }
        Stretch& last = timeline.back();
        const double step = step_between(recording, last, next);
        if (last.hz == next.hz && step == 1.0 / last.hz) {
            last.count += next.count;
            continue;
        }
        next.begin_s = last.end_s() + step;
        timeline.push_back(next);
    }
    return timeline;
}

Timeline by_stamps(const Recording& recording) {
    const std::vector<std::int64_t>& stamps = recording.stamps_ns;
    std::int64_t unit = 0;
    for (std::size_t i = 1; i < stamps.size(); ++i)
        unit = std::gcd(unit, stamps[i] - stamps[i - 1]);
    Timeline timeline;
    for (std::size_t first = 0; first < stamps.size();) {
        double shortest = 0.0;
        double longest = 1e300;
        std::size_t end = first + 1;
        for (; end < stamps.size(); ++end) {
            const auto steps = static_cast<double>(end - first);
            const std::int64_t run = stamps[end] - stamps[first];
            const double low = std::max(shortest, static_cast<double>(run - unit) / steps);
            const double high = std::min(longest, static_cast<double>(run + unit) / steps);
            if (low > high)
                break;
            shortest = low;
            longest = high;
        }
        const auto count = static_cast<std::int64_t>(end - first);
        // Stamps that are all multiples of one period are that period, not rounded to it.
        const bool exact = stamps[end - 1] - stamps[first] == unit * (count - 1);
        const double hz = count < 2 ? 0.0
                          : exact   ? 1e9 / static_cast<double>(unit)
                                    : likely_rate(1e9 / longest, 1e9 / shortest);
        timeline.push_back({static_cast<std::int64_t>(first), count, hz,
                            stamp_s(recording, 0, static_cast<std::int64_t>(first))});
        first = end;
    }
    return timeline;
}

} // namespace

Timeline timeline_of(const Recording& recording) {
    if (recording.samples() == 0)
        return {};
    return recording.rates.empty() ? by_stamps(recording) : by_rates(recording);
}

double likely_rate(double least_hz, double most_hz) {
    const double middle = least_hz + (most_hz - least_hz) / 2.0;
    const double whole = std::nearbyint(middle);
    return whole >= least_hz && whole <= most_hz ? whole : middle;
}

} // namespace kpmsim
