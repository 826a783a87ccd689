#include "scenarios/farm/running_meter.hpp"

#include <algorithm>
#include <array>
#include <utility>

// Windows that are like the last one, as a run that is counted in one go; and what is seen of a meter
// while a run lasts.

namespace kpmsim {

using namespace std::chrono_literals;

namespace {

/// All that a run has gone through.
Window whole(const Repeat& run) { return {run.first.start, run.windows * run.first.length, 0}; }

/// Where each of them is.
std::span<const MeterState* const> each_of(std::span<const MeterState> states) {
    thread_local std::array<const MeterState*, max_circuits> all;
    for (std::size_t n = 0; n < states.size(); ++n)
        all[n] = &states[n];
    return std::span{all}.first(states.size());
}

} // namespace

/// The states after the last window that was counted.
std::span<const MeterState* const> RunningMeter::counted() const {
    return sensors_.empty() || p_.extras.empty() ? metered_states() : each_of(states_after({}));
}

/// … without what its sensors say.
std::span<const MeterState* const> RunningMeter::metered_states() const {
    thread_local std::array<const MeterState*, max_circuits> all;
    for (std::size_t n = 0; n < p_.circuits.size(); ++n)
        all[n] = &metering_.state(static_cast<int>(n));
    return std::span{all}.first(p_.circuits.size());
}

std::span<const MeterState> RunningMeter::states_after(const Repeat& run) const {
    thread_local std::vector<MeterState> states;
    states.resize(p_.circuits.size());
    metering_.show(metered(run), moment(run.end()), states);
    sensors_.show(p_.leaks, states);
    return states;
}

Extras RunningMeter::extras_after(const Repeat& run, std::span<const MeterState> states) const {
    Extras extras = p_.extras;
    if (metered(run).windows > 0)
        count_on(metering_, whole(run), each_of(states), extras);
    return extras;
}

/// A run ends where the supply or a load changes and with the minute of the meter's clock; a window
/// that begins a minute is a run of its own.
void RunningMeter::begin_run(const SupplyWindow& first, std::int64_t at_most) {
    const Window& window = first.window;
    p_.run = {window, static_cast<double>(first.slip) * 0x1p-64, 1, 0};
    const auto in_the_minute = [&](std::int64_t n) {
        return minute_of(program_.rtc(window.start + n * window.length)) == p_.minute;
    };
    if (!in_the_minute(1) || !(p_.off || metering_.may_repeat_many()))
        return;
    const SimDuration to_change = p_.loads_until - window.start - window.length / 2;
    at_most = std::min({at_most, (to_change - SimDuration{1}) / window.length + 1,
                        SimDuration{1min} / window.length + 1});
    std::int64_t inside = 1; // so many are, and one more than `at_most` is taken as not
    for (std::int64_t beyond = at_most + 1; beyond - inside > 1;) {
        const std::int64_t n = inside + (beyond - inside) / 2;
        (in_the_minute(n) ? inside : beyond) = n;
    }
    p_.run.planned = windows_of_balance(inside);
}

/// So many windows until a prepayment meter's balance is used up; `most` where it lasts for these.
std::int64_t RunningMeter::windows_of_balance(std::int64_t most) const {
    if (p_.off || !program_.balance_counts())
        return most;
    const auto lasts = [&](std::int64_t windows) {
        Repeat run = p_.run;
        run.planned = run.windows = windows;
        return !used_up(*spec_->type, program_.memory(), states_after(run).front().energy);
    };
    if (lasts(most))
        return most;
    std::int64_t lasting = 0;
    while (most - lasting > 1) {
        const std::int64_t n = lasting + (most - lasting) / 2;
        (lasts(n) ? lasting : most) = n;
    }
    return most;
}

void RunningMeter::count_run() {
    const SimTime end = p_.run.end();
    const bool counted = p_.run.windows > 0;
    if (counted) {
        const MeteringMoment at_end = moment(end);
        metering_.repeat(metered(p_.run), at_end);
        if (!p_.extras.empty() && !p_.off)
            count_on(metering_, whole(p_.run), metered_states(), p_.extras);
        bear(whole(p_.run), p_.extras);
        for (CircuitProgress& circuit : p_.circuits)
            circuit.energy.add(circuit.truth, p_.run.windows * p_.run.first.length, at_end.tariff,
                               phases_);
        p_.minute = minute_of(at_end.rtc);
    }
    p_.run = {};
    if (counted && !p_.off) {
        seen_ = {};
        program_.control_load(end, metering_.state(0), *this);
    }
}

/// With the run that is not yet counted.
TrueEnergy RunningMeter::true_energy(const CircuitProgress& circuit) const {
    TrueEnergy energy = circuit.energy;
    if (p_.run.windows > 0)
        energy.add(circuit.truth, p_.run.windows * p_.run.first.length, moment(p_.run.end()).tariff,
                   phases_);
    return energy;
}

/// What stood at the terminals in these windows, to what it does to the inputs.
void RunningMeter::bear(const Window& windows, Extras& extras) const {
    if (!strained_)
        return;
    for (std::size_t n = 0; n < bearable_.size(); ++n) {
        const TerminalRms rms = at_terminals(p_.circuits[n].truth, terminals_.wiring(windows.start),
                                             static_cast<int>(n));
        Overload& overload = extras[n].overload;
        const bool fresh = overload.beyond == 0;
        if (const auto first = overload.bear(windows, rms, bearable_[n]); first && fresh)
            overload.since = program_.rtc(*first);
    }
}

/// Whether bear() does anything, of windows that are like the one that begins `at`.
bool RunningMeter::strained(SimTime at) const {
    for (std::size_t n = 0; n < bearable_.size(); ++n)
        if (p_.extras[n].overload.moves(
                at_terminals(p_.circuits[n].truth, terminals_.wiring(at), static_cast<int>(n)),
                bearable_[n]))
            return true;
    return false;
}

void RunningMeter::show(MeterImage& image, Shown& shown) const {
    const Repeat run = metered(p_.run);
    const MeteringMoment last = moment(p_.run.end());
    const std::uint64_t counted = metering_.state(0).window;
    if (shown.whole && counted == shown.counted)
        metering_.show_more(run, last, image.metered);
    else
        metering_.show(run, last, image.metered);
    sensors_.show(p_.leaks, image.metered);
    if (!p_.extras.empty()) {
        image.extras = p_.extras;
        if (run.windows > 0)
            count_on(metering_, whole(run), each_of(image.metered), image.extras);
        if (p_.run.windows > 0)
            bear(whole(p_.run), image.extras);
    }
    if (!shown.whole || program_.changes() != shown.changes)
        image.memory = program_.memory();
    shown = {counted, program_.changes(), true};
}

MeterState RunningMeter::truth(int circuit) const {
    const CircuitProgress& mine = p_.circuits.at(static_cast<std::size_t>(circuit));
    MeterState truth;
    const Repeat run = metered(p_.run);
    truth.at = std::max(metering_.state(circuit).at, run.end());
    truth.window = metering_.state(circuit).window + static_cast<std::uint64_t>(run.windows);
    truth.readings = mine.truth;
    truth.energy = true_energy(mine).registers();
    return truth;
}

} // namespace kpmsim
