// 150/180-cycle groups, 10-minute intervals and 2 hours, class A.
//
// Windows' values go up and down with their number; the truth is worked out from the crossings alone.
// With the first crossings on or after two ticks at cycles a and b, the interval has ceil((b - a) / N)
// windows, those from a, a + N, …
//   windows       by how many an interval has too many or too few, and gaps between them
//   groups        by how many windows a 150/180-cycle group misses 15
//   150 cycles, 10 min, 2 h   of reading, against the root of the mean of the squares
#include "quality/aggregation.hpp"
#include "verification/kind.hpp"

#include <cmath>
#include <vector>

namespace kpmsim {

namespace {

struct Case {
    Parameter f{50.0};
    int cycles{10};
    Parameter hours{2.0};
};

/// What the window that begins at a cycle reads.
double value_at(std::int64_t first_cycle) {
    return 230 * (1 + 0.05 * std::sin(1e-3 * static_cast<double>(first_cycle)));
}

void run(const Case& c, Draw draw, Errors& errors) {
    const double f_hz = draw(c.f);
    const double offset_s = draw.between(0, 0.02);
    const double length_s = 3600 * draw(c.hours) + 2;
    const auto crossing = [&](std::int64_t k) {
        return SimTime{SimDuration{std::llround((offset_s + static_cast<double>(k) / f_hz) * 1e9)}};
    };
    WindowPlan plan{c.cycles};
    Aggregation aggregation;
    Aggregates out;
    std::vector<PlannedWindow> windows;
    std::vector<std::int64_t> first_of; ///< cycle of the first crossing in each interval
    std::vector<double> group_squares(1);
    std::vector<int> group_windows(1);
    for (std::int64_t k = 0; seconds(crossing(k) - SimTime{}) < length_s; ++k) {
        const auto interval = static_cast<std::size_t>(seconds(crossing(k) - SimTime{}) / 600);
        if (first_of.size() <= interval)
            first_of.push_back(k);
        windows.clear();
        plan.push(crossing(k), windows);
        for (const PlannedWindow& w : windows) {
            const double v = value_at(w.first_cycle);
            aggregation.push(w, v, false, out);
            const auto g = static_cast<std::size_t>(w.group);
            if (group_squares.size() <= g) {
                group_squares.resize(g + 1);
                group_windows.resize(g + 1);
            }
            group_squares[g] += v * v;
            ++group_windows[g];
        }
    }
    std::vector<double> interval_value;
    for (std::size_t n = 0; n + 1 < first_of.size(); ++n) {
        double squares = 0;
        int count = 0;
        for (std::int64_t k = first_of[n]; k < first_of[n + 1]; k += c.cycles, ++count)
            squares += value_at(k) * value_at(k);
        interval_value.push_back(std::sqrt(squares / count));
        if (n < out.intervals.size()) {
            errors.add("windows", out.intervals[n].parts - count);
            errors.add("10 min", out.intervals[n].value / interval_value.back() - 1);
        }
    }
    errors.add("windows", static_cast<double>(out.intervals.size()) -
                              static_cast<double>(first_of.size() - 1));
    for (const Aggregate& g : out.groups) {
        const auto n = static_cast<std::size_t>(g.number);
        errors.add("groups", g.parts - WindowPlan::windows_per_group);
        errors.add("150 cycles", g.value / std::sqrt(group_squares[n] / group_windows[n]) - 1);
    }
    for (std::size_t n = 0; n < out.two_hours.size(); ++n) {
        double squares = 0;
        for (std::size_t k = 12 * n; k < 12 * n + 12; ++k)
            squares += interval_value[k] * interval_value[k];
        errors.add("2 h", out.two_hours[n].value / std::sqrt(squares / 12) - 1);
    }
}

} // namespace

Run aggregation_kind(TomlTable& signal) {
    Case c;
    take(signal, "f", c.f);
    take(signal, "hours", c.hours);
    c.cycles = signal.integer("cycles", 10, 12).value_or(10) == 12 ? 12 : 10;
    return [c](Draw draw, Mode, Errors& errors) { run(c, draw, errors); };
}

} // namespace kpmsim
