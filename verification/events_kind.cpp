// Urms(1/2), dips, swells, interruptions and rapid changes, locked sampling.
//
// A sine of rms U that is r times as great from row b to row e has, over the P rows from row a,
//     U(1/2)^2 = U^2/P ( S(a, b) + r^2 S(b, e) + S(e, a + P) )
//     S(m, n) = (n - m) - sin((n - m) w) / sin w cos((m + n - 1 - 2 c) w),   w = 2 pi / P
// where it crosses zero at row c: a sum of squared sines.
//
//   Urms(1/2)    each of them, of Udin
//   half cycles  by how many the event's begin and end miss those of the closed form
//   residual     the event's extreme value, of Udin
//   events       how many events there are too many or too few
// what = "supply": the same events as disturbances of a Supply, through its sampling at 50 Hz.
// what = "rapid": the voltage steps to r for good.
//   du max, du ss   of Udin
#include "quality/half_cycle_rms.hpp"
#include "quality/rapid_changes.hpp"
#include "quality/voltage_events.hpp"
#include "verification/digitise.hpp"
#include "waveforms/supply.hpp"
#include "waveforms/terminals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;
constexpr std::int64_t cycle = samples_per_cycle;
/// Udin's peak, of full scale: a swell to 150 % fits.
constexpr double din_peak = 0.6;

struct Case {
    std::string what;
    Parameter residual{0.5}; ///< of Udin, during the event
    Parameter cycles{5.0};   ///< how long
    Parameter phases{1.0};   ///< how many of the three
    EventLimits limits{};
};

struct Step {
    double crossing;
    std::int64_t begin, end;
    double factor;

    double row(std::int64_t n) const {
        const double x = std::sin(two_pi * (static_cast<double>(n) - crossing) / cycle);
        return n >= begin && n < end ? factor * x : x;
    }
    double squares(std::int64_t m, std::int64_t n) const {
        if (n <= m)
            return 0;
        const double w = two_pi / cycle;
        const double rows = static_cast<double>(n - m);
        const double middle = static_cast<double>(m + n - 1) - 2 * crossing;
        return rows - std::sin(rows * w) / std::sin(w) * std::cos(middle * w);
    }
    double rms(std::int64_t a) const {
        const std::int64_t from = std::clamp(begin, a, a + cycle);
        const std::int64_t to = std::clamp(end, from, a + cycle);
        return std::sqrt(std::max(0.0, squares(a, from) + factor * factor * squares(from, to) +
                                           squares(to, a + cycle)) /
                         cycle);
    }
};

std::vector<double> written(const Step& step, std::int64_t rows) {
    std::vector<double> x(static_cast<std::size_t>(rows));
    for (std::int64_t n = 0; n < rows; ++n)
        x[static_cast<std::size_t>(n)] = din_peak * step.row(n);
    return x;
}

/// The same from a supply at 50 Hz, where a row is 156,250 ns, in windows of ten cycles.
std::vector<double> supplied(const Step& step, std::int64_t rows, const Draw& draw) {
    using namespace std::chrono_literals;
    constexpr SimDuration row = 156'250ns;
    SupplySpec spec;
    spec.angle_deg[0] = -360 * step.crossing / cycle;
    Disturbance change;
    change.start = SimTime{step.begin * row - 70'000ns}; // between rows: it acts from the next on
    change.length = (step.end - step.begin) * row;
    change.factor = step.factor;
    spec.disturbances = {change};
    Supply supply{spec, draw.stream("supply")};
    std::vector<AdcChannel> adc(6);
    for (AdcChannel& channel : adc)
        channel.full_scale = std::numbers::sqrt2 * spec.u_v / din_peak;
    std::vector<double> data(static_cast<std::size_t>(6 * max_samples_per_window));
    SampleBlock block;
    block.data = data;
    Window window;
    window.length = 200ms;
    std::vector<double> x;
    while (static_cast<std::int64_t>(x.size()) < rows) {
        const SupplyWindow seen = supply.through(window);
        const PhaseSpectra none{};
        sample(wire({}, seen, {&none, 1}), seen, supply.stream(), {}, adc, block);
        for (int n = 0; n < window.samples(); ++n)
            x.push_back(block.channel(0)[static_cast<std::size_t>(n % block.rows)]);
        window.start = window.end();
    }
    return x;
}

std::vector<HalfCycle> measure(std::vector<double> x, Digitiser converter) {
    converter(x);
    HalfCycleRms meter;
    std::vector<HalfCycle> out;
    meter.push(x, out);
    for (HalfCycle& h : out)
        h.rms *= std::numbers::sqrt2 / din_peak;
    return out;
}

std::vector<VoltageEvent> events_of(const std::array<std::vector<double>, 3>& u,
                                    const EventLimits& limits) {
    VoltageEvents events{limits};
    std::vector<VoltageEvent> out;
    const std::size_t count = std::min({u[0].size(), u[1].size(), u[2].size()});
    for (std::size_t n = 0; n < count; ++n)
        events.push(std::array{u[0][n], u[1][n], u[2][n]}, out);
    return out;
}

/// The events of the closed form, found by the definitions: how a person would read the list.
std::vector<VoltageEvent> read_off(const std::array<std::vector<double>, 3>& u,
                                   const EventLimits& limits) {
    std::vector<VoltageEvent> out;
    const std::size_t count = std::min({u[0].size(), u[1].size(), u[2].size()});
    const auto search = [&](VoltageEventKind kind, auto begins, auto ends, bool lowest) {
        for (std::size_t n = 0; n < count; ++n) {
            const auto at = [&](std::size_t k) { return std::array{u[0][k], u[1][k], u[2][k]}; };
            if (!begins(at(n)))
                continue;
            VoltageEvent e;
            e.kind = kind;
            e.begin = static_cast<std::int64_t>(n);
            e.extreme = lowest ? 1e9 : 0;
            for (; n < count && !ends(at(n)); ++n)
                for (const double v : at(n))
                    e.extreme = lowest ? std::min(e.extreme, v) : std::max(e.extreme, v);
            e.end = static_cast<std::int64_t>(n);
            if (n < count)
                out.push_back(e);
        }
    };
    using U = std::array<double, 3>;
    const auto low = [](const U& v) { return *std::min_element(v.begin(), v.end()); };
    const auto high = [](const U& v) { return *std::max_element(v.begin(), v.end()); };
    search(
        VoltageEventKind::dip, [&](const U& v) { return low(v) < limits.dip; },
        [&](const U& v) { return low(v) >= limits.dip + limits.hysteresis; }, true);
    search(
        VoltageEventKind::swell, [&](const U& v) { return high(v) > limits.swell; },
        [&](const U& v) { return high(v) <= limits.swell - limits.hysteresis; }, false);
    search(
        VoltageEventKind::interruption, [&](const U& v) { return high(v) < limits.interruption; },
        [&](const U& v) { return high(v) >= limits.interruption + limits.hysteresis; }, true);
    return out;
}

void run_event(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const double residual = draw(c.residual);
    const double length = draw(c.cycles);
    const int phases = static_cast<int>(draw(c.phases));
    const double start = draw.between(0, cycle);
    const auto begin = static_cast<std::int64_t>(draw.between(15, 16) * cycle);
    const auto end = begin + static_cast<std::int64_t>(std::llround(length * cycle));
    const std::int64_t rows = end + 20 * cycle;
    std::array<std::vector<double>, 3> got, right;
    for (std::size_t p = 0; p < 3; ++p) {
        Step step{start + static_cast<double>(p) * cycle / 3, begin, end, residual};
        if (static_cast<int>(p) >= phases)
            step.factor = 1;
        const auto values =
            measure(c.what == "supply" ? supplied(step, rows, draw) : written(step, rows),
                    Digitiser{mode, draw.stream("phase " + std::to_string(p))});
        for (const HalfCycle& h : values) {
            got[p].push_back(h.rms);
            right[p].push_back(step.rms(h.first_row));
            errors.add("Urms(1/2)", got[p].back() - right[p].back());
        }
    }
    const std::vector<VoltageEvent> found = events_of(got, c.limits);
    std::vector<VoltageEvent> there = read_off(right, c.limits);
    errors.add("events", static_cast<double>(found.size()) - static_cast<double>(there.size()));
    for (const VoltageEvent& e : found) {
        const auto same = std::find_if(there.begin(), there.end(), [&](const VoltageEvent& t) {
            return t.kind == e.kind && std::abs(t.begin - e.begin) < 5;
        });
        if (same == there.end()) {
            errors.add("events", 1);
            continue;
        }
        errors.add("half cycles", static_cast<double>(e.begin - same->begin));
        errors.add("half cycles", static_cast<double>(e.end - same->end));
        errors.add("residual", e.extreme - same->extreme);
    }
}

double mean_of_hundred(const std::vector<double>& u, std::size_t last) {
    double sum = 0;
    for (std::size_t n = last - 99; n <= last; ++n)
        sum += u[n];
    return sum / 100;
}

bool steady(const std::vector<double>& u, std::size_t last, double within) {
    const double mean = mean_of_hundred(u, last);
    for (std::size_t n = last - 99; n <= last; ++n)
        if (std::abs(u[n] - mean) > within)
            return false;
    return true;
}

/// The change that a list of Urms(1/2) contains: distances from the mean of the hundred values
/// before.
RapidChange read_off_change(const std::vector<double>& u, const RapidChanges::Limits& limits) {
    std::size_t begin = 100;
    while (begin + 1 < u.size() && steady(u, begin, limits.threshold))
        ++begin;
    std::size_t end = begin;
    while (end + 1 < u.size() && !steady(u, end, limits.threshold - limits.hysteresis))
        ++end;
    const double before = mean_of_hundred(u, begin - 1);
    RapidChange change;
    for (std::size_t n = begin; n <= end; ++n)
        change.du_max = std::max(change.du_max, std::abs(u[n] - before));
    change.du_ss = std::abs(mean_of_hundred(u, end) - before);
    return change;
}

void run_rapid(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const double level = draw(c.residual);
    const auto begin = static_cast<std::int64_t>(draw.between(70, 71) * cycle);
    const Step step{draw.between(0, cycle), begin, begin + 10'000 * cycle, level};
    const auto values =
        measure(written(step, begin + 70 * cycle), Digitiser{mode, draw.stream("phase")});
    RapidChanges changes{1};
    std::vector<RapidChange> found;
    std::vector<double> right;
    for (const HalfCycle& h : values) {
        right.push_back(step.rms(h.first_row));
        errors.add("Urms(1/2)", h.rms - right.back());
        changes.push(std::array{h.rms}, false, found);
    }
    errors.add("events", static_cast<double>(found.size()) - 1);
    const RapidChange there = read_off_change(right, RapidChanges::Limits{});
    for (const RapidChange& change : found) {
        errors.add("du max", change.du_max - there.du_max);
        errors.add("du ss", change.du_ss - there.du_ss);
    }
}

} // namespace

Run events_kind(TomlTable& signal) {
    Case c;
    c.what = signal.choice("what", {"event", "supply", "rapid"}).value_or("event");
    take(signal, "residual", c.residual);
    take(signal, "cycles", c.cycles);
    take(signal, "phases", c.phases);
    return [c](Draw draw, Mode mode, Errors& errors) {
        if (c.what == "rapid")
            run_rapid(c, draw, mode, errors);
        else
            run_event(c, draw, mode, errors);
    };
}

} // namespace kpmsim
