#include "scenarios/farm/running_meter.hpp"

#include "models/faces/habit_uploads.hpp"
#include "waveforms/terminal_sums.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

namespace kpmsim {

using namespace std::chrono_literals;

namespace {

/// In window fidelity one window is sampled in this time, changes or not.
constexpr SimDuration sampled_at_least = 1min;
/// A window that slips less than this (2^64 = one turn) has the codes of the last: in a minute of 300
/// windows it is a tenth of a code where a full-scale sine is steepest. 50 Hz and 60 Hz slip less.
constexpr std::int64_t same_codes_slip = std::int64_t{1} << 27;

/// One block a thread, kept between windows only to save making it.
std::span<double> scratch(std::size_t size) {
    thread_local std::vector<double> samples;
    if (samples.size() < size)
        samples.resize(size);
    return samples;
}

} // namespace

RunningMeter::RunningMeter(const FarmPlan& plan, const MeterPlan& meter, const MeterSpec& spec,
                           SimTime at, std::size_t supply, const SupplySource& feed)
    : spec_{&spec}, start_{plan.start}, supply_{supply}, phases_{metered_phases(wiring_of(spec))},
      relay_switches_{meter.relay_switches}, jitter_{plan.mqtt.jitter}, radio_{plan.seed,
                                                                               "meter/" +
                                                                                   meter.spec.name +
                                                                                   "/radio"},
      terminals_{plan, meter}, metering_{metering_config(plan, meter, feed.nominal_hz()),
                                         metering_settings(spec, first_memory(spec)),
                                         Random{plan.seed, "meter/" + meter.spec.name + "/noise"}},
      program_{spec, plan.start, meter.mqtt.has_value(), at}, sensors_{
                                                                  plan, meter, spec,
                                                                  plan.supplies[supply].spec.u_v} {
    p_.circuits.resize(static_cast<std::size_t>(meter.spec.type->circuits));
    p_.extras = first_extras(*spec_, program_.memory());
    for (int circuit = 0; spec.type->overload && circuit < spec.type->circuits; ++circuit)
        bearable_.push_back(bearable(spec, circuit));
    p_.leaks.resize(sensors_.leaks());
    sensors_.sense(program_.memory());
}

void RunningMeter::take_place(std::size_t number, std::vector<std::size_t> summed,
                              std::span<const RunningMeter* const> those) {
    number_ = number;
    for (Message& message : p_.messages)
        message.meter = number;
    terminals_.summed_stand_at(std::move(summed));
    summed_.clear();
    for (const RunningMeter* meter : those)
        summed_.push_back(&meter->p_.switched);
}

void RunningMeter::take_changes(std::span<const RunningMeter* const> those) {
    for (std::size_t n = 0; n < those.size(); ++n)
        terminals_.take_changes(n, those[n]->terminals_);
}

void RunningMeter::begin(const SupplySource& supply) {
    p_.switched.begin(switched_off());
    const SupplyWindow before = supply.given();
    const WiredWindow at_terminals = terminals_.at(before, switched_off_at(before.window.start));
    metering_.begin(block_of(supply, at_terminals), moment(before.window.end()).rtc);
    metering_.begin_energy(spec_->start_energy);
    sensors_.see(at_terminals.seen(), supply.stream(), p_.leaks);
    take_truth(at_terminals);
    for (CircuitProgress& circuit : p_.circuits)
        circuit.energy.begin(spec_->start_energy);
    p_.boundary = before.window.end();
}

MeteringMoment RunningMeter::moment(SimTime at) const {
    MeteringMoment moment;
    moment.rtc = program_.rtc(at);
    // What ends as a period does was in that period.
    moment.tariff = program_.tariff(program_.rtc(at - SimDuration{1}));
    return moment;
}

// The program ----------------------------------------------------------------------------------

void RunningMeter::run_program(SimTime until) {
    while (program_.due() <= until) {
        seen_ = p_.run;
        program_.run(*this);
    }
}

std::span<const MeterState> RunningMeter::look(SimTime) { return states_after(seen_); }

Hours RunningMeter::hours(SimTime at, int circuit) {
    return extras_after(seen_, look(at)).at(static_cast<std::size_t>(circuit)).time;
}

void RunningMeter::upload(SimTime at, int circuit, const UploadTopic& topic, CivilTime stamp) {
    if (program_.memory().broker.debug)
        return;
    static const std::array<std::uint16_t, max_circuits> no_radio{};
    const std::span<const MeterState> states = look(at);
    const Extras extras = extras_after(seen_, states);
    const MeterView meter{spec_,    &program_.memory(),     states,
                          no_radio, civil_time(start_, at), extras};
    // One radio sends them all, in their order.
    SimTime sent = at + radio_delay(stamp);
    if (!p_.messages.empty())
        sent = std::max(sent, p_.messages.back().at);
    const bool energy = &topic == &upload_plan(*spec_->type, spec_->serial).energy;
    for (Upload& each :
         with_habits(uploads(topic, meter, circuit, stamp), program_.memory().habits, energy))
        p_.messages.push_back(
            {sent, number_, circuit, std::move(each.topic), std::move(each.payload)});
}

/// The same for all that is due at one second of the meter's clock.
SimDuration RunningMeter::radio_delay(CivilTime stamp) const {
    const auto second = static_cast<std::uint64_t>(stamp.time_since_epoch().count());
    return SimDuration{
        static_cast<std::int64_t>(radio_.uniform(second) * static_cast<double>(jitter_.count()))};
}

std::vector<Message> RunningMeter::take_messages(SimTime now) {
    const auto later = std::find_if(p_.messages.begin(), p_.messages.end(),
                                    [&](const Message& message) { return message.at > now; });
    std::vector<Message> sent{std::make_move_iterator(p_.messages.begin()),
                              std::make_move_iterator(later)};
    p_.messages.erase(p_.messages.begin(), later);
    return sent;
}

// The windows ----------------------------------------------------------------------------------

void RunningMeter::go_through(const SupplySource& supply, const SupplyRun& windows) {
    for (std::int64_t n = 0; n < windows.windows;) {
        std::optional<SupplyWindow> moved;
        const SupplyWindow& window =
            n == 0 ? windows.window : moved.emplace(later(windows.window, n));
        const Window& first = window.window;
        run_program(first.start);
        carry_out_commands(first.start);
        follow_switches(first.start);
        const SimTime middle = first.start + first.length / 2;
        if (!windows.repeats || !p_.steady || middle >= p_.loads_until) {
            run_program(first.end() - SimDuration{1});
            count_run();
            sample_one(supply, window, windows.to_come > n);
            p_.boundary = first.end();
            ++n;
            continue;
        }
        if (p_.run.planned == 0)
            begin_run(window, windows.to_come - n + 1);
        const std::int64_t more = windows_until_change(
            first, std::min(windows.windows - n, p_.run.planned - p_.run.windows));
        if (!watches_.empty())
            tell(
                {terminals_.at(window, switched_off_at(first.start)), more, true, supply.stream()});
        for (std::int64_t m = 0; m < more;) {
            const SimTime from = first.start + m * first.length;
            run_program(from + first.length - SimDuration{1});
            // Windows that end at or before the next moment that is due.
            const std::int64_t calm =
                program_.due() == SimTime::max()
                    ? more - m
                    : std::min(more - m, (program_.due() - from) / first.length);
            m += calm;
            p_.run.windows += calm;
        }
        p_.boundary = first.start + more * first.length;
        n += more;
        if (p_.run.windows == p_.run.planned)
            count_run();
    }
}

void RunningMeter::finish(SimTime to) {
    run_program(std::min(p_.boundary, to));
    if (p_.boundary <= to)
        carry_out_commands(p_.boundary);
    run_program(to);
    p_.switched.forget(); // who sums it has gone through the same windows
}

/// A relay that acted, its own or one of a meter that it sums, changes the window that begins.
void RunningMeter::follow_switches(SimTime boundary) {
    if (relay_switches_ && switched_off() != p_.switched.off()) {
        count_run();
        p_.steady = false;
        p_.switched.note(boundary, switched_off());
    }
    for (const SwitchLog* log : summed_)
        if (log->switched_at(boundary)) {
            count_run();
            p_.steady = false;
        }
}

/// Of each meter that it sums, or its own.
std::span<const unsigned> RunningMeter::switched_off_at(SimTime at) const {
    thread_local std::vector<unsigned> off;
    off.clear();
    for (const SwitchLog* log : summed_)
        off.push_back(log->off_at(at));
    if (summed_.empty())
        off.push_back(p_.switched.off());
    return off;
}

unsigned RunningMeter::switched_off() const {
    unsigned off = 0;
    if (relay_switches_)
        for (int circuit = 0; circuit < spec_->type->circuits; ++circuit)
            if (!program_.memory().relay_contact(*spec_->type,
                                                 circuit * spec_->type->coils_per_unit()))
                off |= 1u << circuit;
    return off;
}

SampleBlock RunningMeter::block_of(const SupplySource& supply, const WiredWindow& window) const {
    const MeteringConfig& config = metering_.config();
    SampleBlock block;
    const auto channels = static_cast<std::size_t>(config.channels().size());
    block.data = scratch(channels * static_cast<std::size_t>(block.stride));
    window.sample(supply.stream(), std::span{config.adc}.first(channels), block);
    return block;
}

void RunningMeter::take_truth(const WiredWindow& window) {
    std::array<Readings*, max_circuits> all{};
    for (std::size_t circuit = 0; circuit < p_.circuits.size(); ++circuit)
        all[circuit] = &p_.circuits[circuit].truth;
    window.truth_if_any(0, std::span{all}.first(p_.circuits.size()));
    for (std::size_t circuit = 0; circuit < p_.circuits.size(); ++circuit)
        sensors_.show_truth(p_.leaks, circuit, p_.circuits[circuit].truth);
}

void RunningMeter::tell(const TerminalRun& run) const {
    for (const TerminalWatch& watch : watches_)
        watch(run);
}

void RunningMeter::sample_one(const SupplySource& supply, const SupplyWindow& window,
                              bool may_settle) {
    const WiredWindow at_terminals = terminals_.at(window, switched_off_at(window.window.start));
    tell({at_terminals, 1, false, supply.stream()});
    const MeteringMoment at_end = moment(window.window.end());
    const bool powered = program_.memory().powered();
    const bool begins = powered && p_.off;
    bool moved = false;
    SampleBlock block;
    if (powered) {
        block = block_of(supply, at_terminals);
        if (begins)
            metering_.begin(block, at_end.rtc);
        else
            metering_.push(block, at_end);
        sensors_.see(at_terminals.seen(), supply.stream(), p_.leaks);
        const auto states = counted();
        if (!begins && !p_.extras.empty())
            count_on(metering_, window.window, states, p_.extras,
                     at_terminals.changes() ? &block : nullptr);
        seen_ = {};
        moved = program_.watch(window.window.end(), states, *this) && relay_switches_;
        moved |= program_.control_load(window.window.end(), *states[0], *this) && relay_switches_;
    }
    p_.off = !powered;
    take_truth(at_terminals);
    for (CircuitProgress& circuit : p_.circuits)
        circuit.energy.add(circuit.truth, window.window.length, at_end.tariff, phases_);
    strained_ = true;
    bear(window.window, p_.extras);
    strained_ = strained(window.window.start);
    p_.minute = minute_of(at_end.rtc);
    p_.steady = false;
    p_.held = false;
    if (may_settle && !begins && !moved)
        settle(window, at_terminals, block);
    if (powered && !begins && !p_.extras.empty()) { // of what it shows from here on
        keep_extremes(metering_, *spec_->type, at_end.rtc, counted(), p_.extras);
        sensors_.keep_extremes(at_end.rtc, p_.extras);
    }
}

/// Whether the windows to come may be the repetition of the one that was sampled last; the readings are
/// then what such windows read.
void RunningMeter::settle(const SupplyWindow& window, const WiredWindow& at_terminals,
                          const SampleBlock& block) {
    const SimTime middle = window.window.start + window.window.length / 2;
    p_.loads_until = terminals_.steady_until(window.window);
    if (p_.loads_until <= middle || at_terminals.terminals.changes())
        return;
    p_.loads_until = std::min(p_.loads_until, middle + sampled_at_least);
    if (p_.off) {
        p_.steady = true; // only the truth goes on
        return;
    }
    if (std::abs(window.slip) < same_codes_slip && !metering_.has_noise()) {
        p_.steady = metering_.hold_steady(block, nullptr);
    } else {
        thread_local WindowSums sums;
        terminal_sums(at_terminals.terminals, metering_.config(), window.window.samples(), sums);
        p_.steady = metering_.hold_steady(block, &sums);
    }
    p_.held = !p_.steady;
}

} // namespace kpmsim
