// 150/180-cycle groups, 10-minute intervals and 2 hours, class A.
//
// Windows' values go up and down with their number; the truth is worked out from the crossings alone.
// With the first crossings on or after two ticks at cycles a and b, the interval has ceil((b - a) / N)
// windows, those from a, a + N, …
//   windows       by how many an interval has too many or too few, and gaps between them
//   groups        by how many windows a 150/180-cycle group misses 15
//   150 cycles, 10 min, 2 h   of reading, against the root of the mean of the squares
// clean: the windows' values themselves, so that the arithmetic stands alone. adc: each is the rms of
// a locked sine's codes.
#include "quality/aggregation.hpp"
#include "sim/adc.hpp"
#include "verification/kind.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

struct Case {
    Parameter f{50.0};
    int cycles{10};
    Parameter hours{2.0};
};

constexpr double un_v = 230;

/// What the window that begins at a cycle reads.
double value_at(std::int64_t first_cycle) {
    return un_v * (1 + 0.05 * std::sin(1e-3 * static_cast<double>(first_cycle)));
}

/// A channel that reads sines, window after window.
class Channel {
public:
    Channel(double noise_rms, int cycles, double start_turns, const Random& stream)
        : stream_{stream} {
        adc_.full_scale = un_v * std::numbers::sqrt2 / 0.9;
        adc_.noise_rms = noise_rms;
        block_.window.cycles = cycles;
        block_.channels = 1;
        block_.rows = samples_per_cycle;
        block_.data = cycle_;
        for (std::size_t n = 0; n < unit_.size(); ++n)
            unit_[n] = std::sin(2 * std::numbers::pi *
                                (start_turns + static_cast<double>(n) / samples_per_cycle));
    }

    /// The rms of a window's codes, less their mean, of a sine whose rms is `u_v`.
    double read(double u_v) {
        for (std::size_t n = 0; n < unit_.size(); ++n)
            cycle_[n] = u_v * std::numbers::sqrt2 / adc_.full_scale * unit_[n];
        const int rows = convert(block_, 0, adc_, stream_, done_, codes_).rows;
        done_ += static_cast<std::uint64_t>(rows);
        std::int64_t sum = 0;
        std::int64_t square = 0; // below 2^46 each
        for (std::size_t n = 0; n < static_cast<std::size_t>(rows); ++n) {
            const std::int64_t code = codes_[n];
            sum += code;
            square += code * code;
        }
        const double mean = static_cast<double>(sum) / rows;
        return std::sqrt(static_cast<double>(square) / rows - mean * mean) * 0x1p-23 *
               adc_.full_scale;
    }

private:
    Random stream_;
    AdcChannel adc_;
    SampleBlock block_;
    std::array<double, samples_per_cycle> unit_{};
    std::array<double, samples_per_cycle> cycle_{};
    std::array<std::int32_t, max_samples_per_window> codes_{};
    std::uint64_t done_{0};
};

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const double f_hz = draw(c.f);
    const double offset_s = draw.between(0, 0.02);
    const double length_s = 3600 * draw(c.hours) + 2;
    const auto crossing = [&](std::int64_t k) {
        return SimTime{SimDuration{std::llround((offset_s + static_cast<double>(k) / f_hz) * 1e9)}};
    };
    Channel channel{noise_of(mode), c.cycles, draw.between(0, 1), draw.stream("converter")};
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
            aggregation.push(w, mode == Mode::clean ? v : channel.read(v), false, out);
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
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
