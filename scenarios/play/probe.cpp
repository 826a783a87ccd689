#include "scenarios/play/probe.hpp"

#include "quality/flicker_statistics.hpp"
#include "quality/harmonic_groups.hpp"
#include "quality/spectrum.hpp"
#include "quality/unbalance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr int last_order_of_thd = 40;
constexpr double least_to_follow = 0.1; ///< of the declared voltage
/// Of windows that repeat, so many go through the flickermeter: its filters have settled by then.
constexpr std::int64_t windows_of_flicker = 50;
/// Behind the flickermeter's 0.3 s, 50 values a second are all that there is to see.
constexpr int sensations_a_window = 10;
/// IEC 61000-4-15: long-term severity is of twelve short-term ones.
constexpr std::size_t psts_of_plt = 12;

std::size_t place(VoltageEventKind kind) { return static_cast<std::size_t>(kind); }

/// min and max, where not-a-number is none yet.
void least_of(double& least, double value) {
    if (!(least <= value))
        least = value;
}
void greatest_of(double& greatest, double value) {
    if (!(greatest >= value))
        greatest = value;
}

} // namespace

Probe::Probe(ProbePlan plan)
    : plan_{std::move(plan)}, half_least_v_{nothing}, half_greatest_v_{nothing},
      windows_{plan_.nominal_hz < 55 ? 10 : 12, plan_.tick}, u_10min_least_v_{nothing},
      u_10min_greatest_v_{nothing}, thd_10min_greatest_{nothing}, pst_greatest_{nothing},
      plt_greatest_{nothing}, f_10s_{nothing}, f_10s_least_{nothing}, f_10s_greatest_{nothing} {
    u_10min_.fill(nothing);
    thd_10min_.fill(nothing);
    pst_.fill(nothing);
    plt_.fill(nothing);
    event_extreme_.fill(nothing);
    event_seconds_.fill(nothing);
    const FlickerSystem system{230, plan_.nominal_hz < 55 ? 50 : 60};
    for (std::size_t phase = 0; phase < phases; ++phase)
        flicker_.emplace_back(system, plan_.nominal_hz * samples_per_cycle, plan_.u_din_v);
}

template <class SampleWindow>
void Probe::take(const Window& first, std::int64_t windows, bool repeats,
                 const SampleWindow& sampled) {
    for (std::int64_t n = 0; n < windows; ++n) {
        repeated_ = repeats || n > 0 ? repeated_ + 1 : 0;
        if (repeated_ < windows_of_flicker)
            measure(first, sampled());
        else
            hold_flicker();
        count_half_cycles();
        const SimTime start = first.start + n * first.length;
        count_window(first, start);
        follow_frequency(first, start);
    }
}

void Probe::take(const SupplyRun& run, const Random& noise) {
    take(
        run.window.window, run.windows, run.repeats,
        [&] { return rows_of(run.window, noise, plan_.u_din_v); });
}

void Probe::take(const TerminalRun& run) {
    take(
        run.window.supply.window, run.windows, run.repeats,
        [&] { return rows_of(run, *plan_.terminals, plan_.u_din_v); });
}

/// Everything that the samples of one window tell.
void Probe::measure(const Window& window, const SampledRows& samples) {
    const auto all = static_cast<std::size_t>(window.samples());
    const auto cycles = static_cast<std::size_t>(window.cycles);
    cycle_squares_.assign(cycles, {});
    std::array<std::complex<double>, phases> fundamental{};
    for (std::size_t phase = 0; phase < phases; ++phase) {
        const std::vector<double>& rows = samples[phase];
        for (std::size_t n = 0; n < all; ++n)
            cycle_squares_[n / samples_per_cycle][phase] += rows[n] * rows[n] / samples_per_cycle;
        const BinSpectrum spectrum = spectrum_of(rows, window.cycles);
        fundamental[phase] = spectrum.bins[cycles];
        const double first = harmonic_subgroup(spectrum, 1);
        for (int order = 2; order <= max_group_order; ++order)
            harmonics_[phase][static_cast<std::size_t>(order)] =
                first > 0 ? 100 * harmonic_subgroup(spectrum, order) / first : nothing;
        thd_[phase] = 100 * thd_subgroups(spectrum, last_order_of_thd);
        double squares = 0;
        for (const Values& cycle : cycle_squares_)
            squares += cycle[phase];
        u_v_[phase] = std::sqrt(squares / static_cast<double>(cycles));
        std::vector<HalfCycle> halves;
        half_cycle_[phase].push(rows, halves);
        for (const HalfCycle& half : halves)
            waiting_[phase].push_back(half.rms);
        measure_flicker(phase, rows);
    }
    if (samples.size() > phases)
        currents_.measure(std::span{samples}.first(phases), std::span{samples}.subspan(phases),
                          window.cycles);
    angle_turns_.reset();
    if (std::abs(fundamental[0]) > least_to_follow * plan_.u_din_v)
        angle_turns_ = std::arg(fundamental[0]) / (2 * std::numbers::pi);
    unbalance_ =
        100 * unbalance_u2(sequence_components(fundamental[0], fundamental[1], fundamental[2]));
    half_cycles_.clear();
    while (std::none_of(waiting_.begin(), waiting_.end(),
                        [](const auto& queue) { return queue.empty(); })) {
        Values half{};
        for (std::size_t phase = 0; phase < phases; ++phase) {
            half[phase] = waiting_[phase].front();
            waiting_[phase].pop_front();
        }
        half_cycles_.push_back(half);
    }
}

void Probe::measure_flicker(std::size_t phase, std::span<const double> rows) {
    flicker_[phase].push(rows);
    const auto series = flicker_[phase].series();
    for (int n = 0; n < sensations_a_window && !series.empty(); ++n)
        sensation_[phase].push_back(
            series[series.size() * static_cast<std::size_t>(n) / sensations_a_window]);
    flicker_[phase].clear();
}

/// The sensation stands still, too.
void Probe::hold_flicker() {
    for (std::size_t phase = 0; phase < phases; ++phase)
        sensation_[phase].insert(sensation_[phase].end(), sensations_a_window,
                                 sensation_[phase].empty() ? flicker_[phase].pinst()
                                                           : sensation_[phase].back());
}

void Probe::count_half_cycles() {
    std::vector<VoltageEvent> finished;
    for (const Values& half : half_cycles_) {
        Values parts = half;
        for (double& part : parts) {
            least_of(half_least_v_, part);
            greatest_of(half_greatest_v_, part);
            part /= plan_.u_din_v;
        }
        events_.push(parts, finished);
    }
    for (const VoltageEvent& event : finished)
        note(event);
}

void Probe::note(const VoltageEvent& event) {
    const std::size_t kind = place(event.kind);
    event_count_[kind] += 1;
    event_extreme_[kind] = 100 * event.extreme;
    event_seconds_[kind] = static_cast<double>(event.half_cycles()) / (2 * plan_.nominal_hz);
}

/// Its cycles go into the windows that the site's ten minutes ask for.
void Probe::count_window(const Window& window, SimTime start) {
    std::vector<PlannedWindow> planned;
    for (int cycle = 0; cycle < window.cycles; ++cycle) {
        windows_.push(start + window.length * cycle / window.cycles, planned);
        squares_.push_back(cycle_squares_[static_cast<std::size_t>(cycle)]);
    }
    for (const PlannedWindow& one : planned)
        complete(one);
    // The grid of before a tick may still ask for the last ones.
    while (squares_.size() > 40) {
        squares_.pop_front();
        ++first_square_;
    }
}

void Probe::complete(const PlannedWindow& window) {
    if (!first_interval_) { // what was under way at the start is not whole
        const SimTime begin = plan_.tick + window.interval * 600s;
        first_interval_ = window.interval + (window.begin - begin < 400ms ? 0 : 1);
    }
    for (std::size_t phase = 0; phase < phases; ++phase) {
        double squares = 0;
        for (int cycle = 0; cycle < window.cycles; ++cycle)
            squares +=
                squares_[static_cast<std::size_t>(window.first_cycle + cycle - first_square_)]
                        [phase];
        Aggregates u, thd;
        aggregation_[phase].push(window, std::sqrt(squares / window.cycles), events_.active(), u);
        thd_aggregation_[phase].push(window, thd_[phase], events_.active(), thd);
        for (const Aggregate& interval : thd.intervals) {
            if (interval.number < *first_interval_)
                continue;
            thd_10min_[phase] = interval.value;
            greatest_of(thd_10min_greatest_, interval.value);
        }
        for (const Aggregate& interval : u.intervals) {
            if (interval.number >= *first_interval_)
                close_interval(interval.value, phase);
            sensation_[phase].clear();
        }
    }
}

void Probe::close_interval(double u_v, std::size_t phase) {
    u_10min_[phase] = u_v;
    least_of(u_10min_least_v_, u_v);
    greatest_of(u_10min_greatest_v_, u_v);
    values_ += 1;
    in_band_ += std::abs(u_v / plan_.u_din_v - 1) <= 0.1 ? 1 : 0;
    intervals_ += phase == 0 ? 1 : 0;
    pst_[phase] = pst(sensation_[phase]);
    greatest_of(pst_greatest_, pst_[phase]);
    std::deque<double>& last = two_hours_[phase];
    last.push_back(pst_[phase]);
    if (last.size() < psts_of_plt)
        return;
    double cubes = 0;
    for (const double one : last)
        cubes += one * one * one;
    plt_[phase] = std::cbrt(cubes / static_cast<double>(psts_of_plt));
    greatest_of(plt_greatest_, plt_[phase]);
    last.pop_front();
}

/// Turns of phase a over the time they took, from the start of one window to the start of another: the cycles of
/// the sample clock, and what the fundamental has turned against it.
void Probe::follow_frequency(const Window& window, SimTime start) {
    if (last_turn_ && angle_turns_) {
        const double further = *angle_turns_ - *last_turn_;
        turns_ += further - std::round(further);
    }
    last_turn_ = angle_turns_;
    if (!ten_seconds_)
        ten_seconds_ = Turning{start, turns_};
    const SimDuration length = start - ten_seconds_->at;
    if (length >= 10s) {
        f_10s_ = (turns_ - ten_seconds_->turns) / seconds(length);
        least_of(f_10s_least_, f_10s_);
        greatest_of(f_10s_greatest_, f_10s_);
        ten_seconds_ = Turning{start, turns_};
    }
    turns_ += window.cycles;
}

double Probe::value(const std::string& key) const {
    const auto of_kind = [&](const std::array<double, 3>& values, VoltageEventKind kind) {
        return values[place(kind)];
    };
    using Kind = VoltageEventKind;
    const std::map<std::string, double> plain{
        {"unb_u2", unbalance_},
        {"u_half_least", half_least_v_},
        {"u_half_greatest", half_greatest_v_},
        {"dips", of_kind(event_count_, Kind::dip)},
        {"dip_residual", of_kind(event_extreme_, Kind::dip)},
        {"dip_duration", of_kind(event_seconds_, Kind::dip)},
        {"swells", of_kind(event_count_, Kind::swell)},
        {"swell_magnitude", of_kind(event_extreme_, Kind::swell)},
        {"swell_duration", of_kind(event_seconds_, Kind::swell)},
        {"interruptions", of_kind(event_count_, Kind::interruption)},
        {"interruption_duration", of_kind(event_seconds_, Kind::interruption)},
        {"intervals", intervals_},
        {"u_10min_least", u_10min_least_v_},
        {"u_10min_greatest", u_10min_greatest_v_},
        {"u_10min_in_band", values_ > 0 ? 100 * in_band_ / values_ : nothing},
        {"thd_10min_greatest", thd_10min_greatest_},
        {"pst_greatest", pst_greatest_},
        {"plt_greatest", plt_greatest_},
        {"f_10s", f_10s_},
        {"f_10s_least", f_10s_least_},
        {"f_10s_greatest", f_10s_greatest_}};
    if (const auto found = plain.find(key); found != plain.end())
        return found->second;
    if (key.starts_with("h_u_") && key.size() > 6) {
        const auto order = static_cast<std::size_t>(std::stoi(key.substr(6)));
        return harmonics_[static_cast<std::size_t>(key[4] - 'a')][order];
    }
    if (plan_.terminals)
        if (const auto current = currents_.value(key))
            return *current;
    const auto phase = static_cast<std::size_t>(key.back() - 'a');
    const std::string family = key.substr(0, key.size() - 2);
    const Values& values = family == "u"           ? u_v_
                           : family == "thd_u"     ? thd_
                           : family == "u_10min"   ? u_10min_
                           : family == "thd_10min" ? thd_10min_
                           : family == "plt"       ? plt_
                                                   : pst_;
    return phase < phases ? values[phase] : nothing;
}

} // namespace kpmsim
