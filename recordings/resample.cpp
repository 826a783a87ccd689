#include "recordings/resample.hpp"

#include "files/counted.hpp"
#include "recordings/channels.hpp"
#include "recordings/note.hpp"
#include "recordings/numbers.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace kpmsim {
namespace {

constexpr double same_rate = 0.005;
constexpr std::int64_t fewest_samples = 96;
constexpr int edge_points = 8;

std::string samples_text(const Stretch& s) {
    return "samples " + std::to_string(s.first + 1) + " to " + std::to_string(s.first + s.count);
}

bool nearly_one_rate(const Stretch& a, const Stretch& b) {
    const double step = b.begin_s - a.end_s();
    return std::abs(a.hz - b.hz) <= same_rate * a.hz &&
           std::abs(step * a.hz - 1.0) <= 2.0 * same_rate;
}

std::string text_of(double number) {
    // Rounded up to tenths: a rate that is asked for must be enough.
    return number_text(std::ceil(number * 10.0) / 10.0);
}

void check_rate(const Stretch& s, const ResampleGoal& goal, const std::string& file,
                std::vector<Mistake>& mistakes) {
    const double needed = least_samples_per_cycle(goal.highest_order) * goal.nominal_hz;
    if (s.hz >= needed)
        return;
    const int carried = static_cast<int>(s.hz / goal.nominal_hz / least_samples_per_cycle(1));
    note(mistakes, file, 0,
         samples_text(s) + " have a rate of " + number_text(s.hz) + " Hz, too low for order " +
             std::to_string(goal.highest_order) + " at " + number_text(goal.nominal_hz) + " Hz",
         "more than " + text_of(2.0 * goal.highest_order * goal.nominal_hz) +
             " Hz carry it in theory, " + text_of(needed) +
             " Hz with the filter used here; this rate carries orders up to " +
             std::to_string(carried));
}

void check_samples(const RecordedChannel& channel, std::int64_t samples, const std::string& file,
                   std::vector<Mistake>& mistakes) {
    const std::string who = "channel \"" + readable(channel.name) + '"';
    const auto count = static_cast<std::int64_t>(channel.codes.empty() ? channel.values.size()
                                                                       : channel.codes.size());
    if (count != samples) {
        note(mistakes, file, 0,
             who + " has " + std::to_string(count) + " of " + std::to_string(samples) + " samples",
             "all channels of a recording have the same number");
        return;
    }
    std::int64_t bad = 0;
    std::int64_t first = 0;
    for (std::int64_t n = samples - 1; n >= 0; --n) {
        if (!std::isfinite(value(channel, n))) {
            ++bad;
            first = n;
        }
    }
    if (bad > 0) {
        note(mistakes, file, 0,
             who + " misses " + counted(bad, "sample") + ", the first is sample " +
                 std::to_string(first + 1),
             "cut the recording before it, or use another channel");
    }
}

} // namespace

std::optional<RecordedSignal> RecordedSignal::make(const Recording& recording,
                                                   const std::vector<SignalChannel>& channels,
                                                   const ResampleGoal& goal,
                                                   const std::string& file,
                                                   std::vector<Mistake>& mistakes) {
    guard(goal.highest_order >= 1 && goal.highest_order <= 50 && goal.nominal_hz > 0.0 &&
          goal.per_cycle > 2.2 * goal.highest_order);
    const std::size_t before = mistakes.size();
    RecordedSignal signal;
    if (const std::int64_t samples = recording.samples(); samples < fewest_samples) {
        note(mistakes, file, 0, "has " + counted(samples, "sample") + ", too few for a window",
             "a window takes 10 cycles of 50 Hz or 12 of 60 Hz: record more than 0.25 s");
        return std::nullopt;
    }
    signal.timeline_ = timeline_of(recording);
    signal.join_stretches(goal);
    for (const Run& run : signal.runs_) {
        if (run.count < fewest_samples && mistakes.size() == before) {
            note(mistakes, file, 0,
                 "samples " + std::to_string(run.first + 1) + " to " +
                     std::to_string(run.first + run.count) + " are alone with their rate",
                 "a rate must hold for at least " + std::to_string(fewest_samples) +
                     " samples; are the times uneven?");
        }
    }
    for (std::size_t i = 0; i < signal.timeline_.size() && mistakes.size() == before; ++i) {
        const Stretch& s = signal.timeline_[i];
        check_rate(s, goal, file, mistakes);
        if (i == 0)
            continue;
        const Stretch& last = signal.timeline_[i - 1];
        const double pause = s.begin_s - last.end_s();
        if (pause > 1.5 / std::min(last.hz, s.hz)) {
            note(mistakes, file, 0,
                 fmt::format("the recording pauses for {:.6g} s after sample {}", pause, s.first),
                 "cut it there: a meter sees no pauses");
        }
    }
    if (signal.runs_.empty())
        note(mistakes, file, 0, "the recording has no samples, or no rate", "record something");
    for (const SignalChannel& c : channels) {
        guard(c.index < recording.channels.size());
        check_samples(recording.channels[c.index], recording.samples(), file, mistakes);
    }
    if (mistakes.size() != before)
        return std::nullopt;
    const double last_s = signal.timeline_.back().end_s();
    signal.end_s_ = 1e300;
    for (const RecordedChannel& channel : recording.channels) {
        signal.begin_s_ = std::max(signal.begin_s_, channel.skew_us * 1e-6);
        signal.end_s_ = std::min(signal.end_s_, last_s + channel.skew_us * 1e-6);
    }
    for (const SignalChannel& c : channels) {
        const RecordedChannel& from = recording.channels[c.index];
        Channel to{from.skew_us * 1e-6, {}};
        to.values.reserve(static_cast<std::size_t>(recording.samples()));
        for (std::int64_t n = 0; n < recording.samples(); ++n)
            to.values.push_back(value(from, n) * c.factor);
        signal.channels_.push_back(std::move(to));
    }
    return signal;
}

void RecordedSignal::join_stretches(const ResampleGoal& goal) {
    for (std::size_t i = 0; i < timeline_.size(); ++i) {
        const Stretch& s = timeline_[i];
        if (i > 0 && nearly_one_rate(timeline_[i - 1], s)) {
            runs_.back().end_stretch = i + 1;
            runs_.back().count += s.count;
        } else {
            runs_.push_back({i, i + 1, s.first, s.count, nullptr});
        }
        run_of_stretch_.push_back(runs_.size() - 1);
    }
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        const double per_cycle = timeline_[runs_[i].first_stretch].hz / goal.nominal_hz;
        const SincDesign design = design_sinc(per_cycle, goal.highest_order, goal.per_cycle);
        // Too slow, or too short: a mistake in a moment, and no table is wanted.
        if (!(design.beta >= least_beta * 0.99) || runs_[i].count < fewest_samples)
            continue;
        const auto same = std::find_if(runs_.begin(), runs_.end(), [&](const Run& other) {
            return other.table && other.table->design() == design;
        });
        runs_[i].table = same != runs_.end() ? same->table : std::make_shared<SincTable>(design);
        most_taps_ = std::max(most_taps_, runs_[i].table->taps());
    }
}

bool RecordedSignal::covers(const Window& window) const {
    return seconds(window.start.time_since_epoch()) >= begin_s_ &&
           seconds(window.end().time_since_epoch()) <= end_s_;
}

std::size_t RecordedSignal::stretch_at(double t_s) const {
    const auto after = std::upper_bound(timeline_.begin() + 1, timeline_.end(), t_s,
                                        [](double t, const Stretch& s) { return t < s.begin_s; });
    return static_cast<std::size_t>(after - timeline_.begin()) - 1;
}

double RecordedSignal::time_of(std::int64_t sample) const {
    const auto after =
        std::upper_bound(timeline_.begin() + 1, timeline_.end(), sample,
                         [](std::int64_t n, const Stretch& s) { return n < s.first; });
    const Stretch& s = *(after - 1);
    return s.begin_s + static_cast<double>(sample - s.first) / s.hz;
}

RecordedSignal::Position RecordedSignal::position(Instant t, double skew_s) const {
    Position p;
    p.t_s = t.whole_s + t.rest_s - skew_s;
    if (p.t_s < 0.0 || p.t_s > timeline_.back().end_s())
        return p;
    p.inside = true;
    const std::size_t at = stretch_at(p.t_s);
    const Stretch& s = timeline_[at];
    const Run& run = runs_[run_of_stretch_[at]];
    const bool between = p.t_s > s.end_s() && at + 1 < timeline_.size();
    if (between) {
        const double step = timeline_[at + 1].begin_s - s.end_s();
        p.before = s.first + s.count - 1;
        p.fraction = std::clamp((p.t_s - s.end_s()) / step, 0.0, 1.0);
    } else {
        // hz * (t - begin), its whole part apart from its fraction.
        const double rough = s.hz * t.whole_s;
        const double whole = std::floor(rough);
        const double rest = (rough - whole) + s.hz * (t.rest_s - skew_s - s.begin_s);
        const double more = std::floor(rest);
        p.before = s.first + static_cast<std::int64_t>(whole + more);
        p.fraction = rest - more;
        // A last bit may carry an instant across the stretch's end.
        if (p.before >= s.first + s.count) {
            p.before = s.first + s.count - 1;
            p.fraction = 0.0;
        } else if (p.before < s.first) {
            p.before = s.first;
            p.fraction = 0.0;
        }
    }
    const std::int64_t half = run.table->design().half;
    if (p.before - half + 1 >= run.first && p.before + half < run.first + run.count)
        p.run = &run;
    return p;
}

double RecordedSignal::near_edge(const Channel& channel, const Position& p) const {
    const auto samples = static_cast<std::int64_t>(channel.values.size());
    const std::int64_t first =
        std::clamp<std::int64_t>(p.before - edge_points / 2 + 1, 0, samples - edge_points);
    std::array<double, edge_points> t;
    std::array<double, edge_points> y;
    for (std::size_t i = 0; i < edge_points; ++i) {
        t[i] = time_of(first + static_cast<std::int64_t>(i));
        y[i] = channel.values[static_cast<std::size_t>(first) + i];
    }
    // Neville's scheme: each pass joins neighbouring polynomials into one of a higher degree.
    for (std::size_t degree = 1; degree < edge_points; ++degree) {
        for (std::size_t i = 0; i + degree < edge_points; ++i) {
            const double from = p.t_s - t[i];
            const double to = t[i + degree] - p.t_s;
            y[i] = (to * y[i] + from * y[i + 1]) / (t[i + degree] - t[i]);
        }
    }
    return y[0];
}

double RecordedSignal::read(const Channel& channel, const Position& p,
                            std::span<const double> taps) const {
    if (!p.inside)
        return 0.0;
    if (p.run == nullptr)
        return near_edge(channel, p);
    const double* x = channel.values.data() + p.before - p.run->table->design().half + 1;
    double sum = 0.0;
    for (std::size_t k = 0; k < taps.size(); ++k)
        sum += x[k] * taps[k];
    return sum;
}

void RecordedSignal::sample(const Window& window, int stride, std::span<double> out) const {
    const std::int64_t count = window.samples();
    const std::int64_t length = window.length.count();
    std::vector<double> room(static_cast<std::size_t>(most_taps_));
    for (std::int64_t n = 0; n < count; ++n) {
        const std::int64_t part = n * length;
        const std::int64_t ns = window.start.time_since_epoch().count() + part / count;
        const std::int64_t whole = ns / 1'000'000'000 - (ns % 1'000'000'000 < 0 ? 1 : 0);
        const Instant t{static_cast<double>(whole),
                        (static_cast<double>(ns - whole * 1'000'000'000) +
                         static_cast<double>(part % count) / static_cast<double>(count)) *
                            1e-9};
        Position p;
        std::span<const double> taps;
        for (std::size_t c = 0; c < channels_.size(); ++c) {
            // Channels with one skew share position and taps.
            if (c == 0 || channels_[c].skew_s != channels_[c - 1].skew_s) {
                p = position(t, channels_[c].skew_s);
                if (p.run != nullptr) {
                    const auto used = static_cast<std::size_t>(p.run->table->taps());
                    p.run->table->weights(p.fraction, room);
                    taps = std::span<const double>{room}.first(used);
                }
            }
            out[c * static_cast<std::size_t>(stride) + static_cast<std::size_t>(n)] =
                read(channels_[c], p, taps);
        }
    }
}

double RecordedSignal::at(int channel, double t_s) const {
    const Channel& c = channels_[static_cast<std::size_t>(channel)];
    const double whole = std::floor(t_s);
    const Position p = position({whole, t_s - whole}, c.skew_s);
    std::vector<double> taps;
    if (p.run != nullptr) {
        taps.resize(static_cast<std::size_t>(p.run->table->taps()));
        p.run->table->weights(p.fraction, taps);
    }
    return read(c, p, taps);
}

} // namespace kpmsim
