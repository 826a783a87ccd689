#include "scenarios/farm/running_meter.hpp"

#include "models/faces/habit_uploads.hpp"
#include "scenarios/farm/platform_message.hpp"
#include "sim/metering_state.hpp"
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

/// All that a run has gone through.
Window whole(const Repeat& run) { return {run.first.start, run.windows * run.first.length, 0}; }

/// Where each of them is.
std::span<const MeterState* const> each_of(std::span<const MeterState> states) {
    thread_local std::array<const MeterState*, max_circuits> all;
    for (std::size_t n = 0; n < states.size(); ++n)
        all[n] = &states[n];
    return std::span{all}.first(states.size());
}

/// When the next input follows its contact, as far as commands have been carried out.
SimTime contact_due(const MeterProgram& program, const MeterType& type) {
    SimTime next = SimTime::max();
    const ProgramState& state = program.state();
    for (std::size_t n = 0; n < state.contacts.size(); ++n)
        next = std::min(next, state.contacts[n].due(state.memory.inputs[n] != 0, type.debounce));
    return next;
}

CivilTime minute_of(CivilTime t) { return std::chrono::floor<std::chrono::minutes>(t); }

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

std::span<const MeterState> RunningMeter::states_after(const Repeat& run) const {
    thread_local std::vector<MeterState> states;
    states.resize(p_.circuits.size());
    metering_.show(run, moment(run.end()), states);
    sensors_.show(p_.leaks, states);
    return states;
}

Extras RunningMeter::extras_after(const Repeat& run, std::span<const MeterState> states) const {
    Extras extras = p_.extras;
    if (run.windows > 0)
        count_on(whole(run), each_of(states), extras);
    return extras;
}

Hours RunningMeter::hours(SimTime at, int circuit) {
    return extras_after(seen_, look(at)).at(static_cast<std::size_t>(circuit)).time;
}

/// The states after the last window that was counted.
std::span<const MeterState* const> RunningMeter::counted() const {
    if (!sensors_.empty() && !p_.extras.empty())
        return each_of(states_after({}));
    thread_local std::array<const MeterState*, max_circuits> all;
    for (std::size_t n = 0; n < p_.circuits.size(); ++n)
        all[n] = &metering_.state(static_cast<int>(n));
    return std::span{all}.first(p_.circuits.size());
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

void RunningMeter::tell(Command command) {
    const auto after = std::upper_bound(p_.told.begin(), p_.told.end(), command.at,
                                        [](SimTime at, const Command& c) { return at < c.at; });
    p_.told.insert(after, std::move(command));
}

void RunningMeter::carry_out_commands(SimTime boundary) {
    while (!p_.told.empty() && p_.told.front().at <= boundary) {
        count_run();
        seen_ = {};
        const Command command = std::move(p_.told.front());
        p_.told.erase(p_.told.begin());
        const Effects effects = program_.carry_out(command, boundary, *this);
        for (const Intervention& each : command.also)
            if (each.kind == InterventionKind::message)
                hear(each, boundary);
        sensors_.sense(program_.memory());
        if (effects.any() || sensors_.leaks() > 0)
            p_.steady = false;
        if (effects.metering) {
            metering_.apply(metering_settings(*spec_, program_.memory()));
            set_pulses(*spec_, program_.memory(), p_.extras);
        }
        if (effects.clear_energy) {
            metering_.clear_energy();
            begin_energy({}, p_.extras);
            for (CircuitProgress& circuit : p_.circuits)
                circuit.energy.clear();
        }
        if (effects.clear_demand_maxima)
            metering_.clear_demand_maxima();
        if (effects.clear_extremes)
            clear_extremes(p_.extras);
        if (effects.replaced)
            forget_overload(p_.extras);
    }
    // A contact may have moved inside the window: only here it is known what it did up to the boundary.
    if (program_.memory().powered() && contact_due(program_, *spec_->type) <= boundary) {
        count_run();
        seen_ = {};
        const std::vector<std::uint8_t> before = program_.memory().inputs;
        program_.carry_out({boundary, {}}, boundary, *this);
        if (program_.memory().inputs != before)
            p_.steady = false; // alarms are judged with the next window
    }
}

/// It is answered as the served side does it, and what was taken acts at the same boundary.
void RunningMeter::hear(const Intervention& message, SimTime boundary) {
    MeterImage image;
    image.memory = program_.memory();
    const auto states = look(boundary);
    image.metered.assign(states.begin(), states.end());
    image.radio.resize(states.size());
    image.site = civil_time(start_, boundary);
    image.extras = p_.extras;
    for (int circuit = 0; circuit < spec_->type->circuits; ++circuit) {
        if (message.circuit >= 0 && message.circuit != circuit)
            continue;
        PlatformAnswer answer = answer_of(*spec_, image, boundary, start_, circuit, message);
        for (Command& command : answer.commands)
            tell(std::move(command));
        for (Upload& each : answer.messages)
            p_.messages.push_back(
                {p_.messages.empty() ? boundary : std::max(boundary, p_.messages.back().at),
                 number_, circuit, std::move(each.topic), std::move(each.payload)});
    }
}

/// The terminals are others from here on: the run is over, and the next window is sampled.
void RunningMeter::break_run() {
    count_run();
    seen_ = {};
    p_.steady = false;
}

/// Where a meter stands among those that it sums; 0 is itself where it sums none.
std::optional<std::size_t> RunningMeter::source_of(std::size_t meter) const {
    const std::vector<std::size_t>& summed = terminals_.summed();
    const auto found = std::find(summed.begin(), summed.end(), meter);
    if (summed.empty() ? meter != number_ : found == summed.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - summed.begin());
}

void RunningMeter::change(std::size_t meter, int circuit, LoadChange what) {
    const std::optional<std::size_t> source = source_of(meter);
    if (!source)
        return;
    break_run();
    terminals_.change(*source, circuit, std::move(what));
}

void RunningMeter::change(std::size_t meter, WiringChange what) {
    const std::optional<std::size_t> source = source_of(meter);
    if (meter == number_) {
        break_run();
        terminals_.change(what);
    } else if (source && what.kind == WiringChangeKind::neutral_lost) {
        break_run();
        terminals_.change_source(*source, what);
    }
}

void RunningMeter::end(std::uint64_t action, SimTime at) {
    break_run();
    terminals_.end(action, at);
    for (Command& command : p_.told)
        std::erase_if(
            command.also, [&](const Intervention& each) { return each.action == action; });
    std::erase_if(p_.told, [](const Command& c) { return c.what.empty() && c.also.empty(); });
    if (!program_.memory().held_by(action))
        return;
    Command over{at, {}};
    over.also.emplace_back();
    over.also.back().kind = InterventionKind::end;
    over.also.back().action = action;
    tell(std::move(over));
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

/// So many windows begin before one at whose beginning a command acts, or a relay of a meter that it
/// sums; at least one.
std::int64_t RunningMeter::windows_until_change(const Window& first, std::int64_t most) const {
    SimTime next = p_.told.empty() ? SimTime::max() : p_.told.front().at;
    if (program_.memory().powered())
        next = std::min(
            next, std::max(contact_due(program_, *spec_->type), first.start + SimDuration{1}));
    if (relay_switches_)
        next = std::min(next, std::max(program_.moves_relay(), first.start + SimDuration{1}));
    for (const SwitchLog* log : summed_)
        next = std::min(next, log->next(first.start));
    if (next == SimTime::max())
        return most;
    const SimDuration ahead = next - first.start; // later than `first`'s beginning
    return std::min(most, (ahead + first.length - SimDuration{1}) / first.length);
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
    const MeteringConfig& config = metering_.config();
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
            count(metering_, *spec_->type, window.window, at_end.rtc, states, p_.extras);
        seen_ = {};
        moved = program_.watch(window.window.end(), states, *this) && relay_switches_;
        moved |= program_.control_load(window.window.end(), *states[0], *this) && relay_switches_;
    }
    p_.off = !powered;
    take_truth(at_terminals);
    for (CircuitProgress& circuit : p_.circuits)
        circuit.energy.add(circuit.truth, window.window.length, at_end.tariff, phases_);
    bear(window.window, p_.extras);
    p_.minute = minute_of(at_end.rtc);
    p_.steady = false;
    p_.held = false;
    if (!may_settle || !powered || begins || moved)
        return;
    const SimTime middle = window.window.start + window.window.length / 2;
    p_.loads_until = terminals_.steady_until(window.window);
    if (p_.loads_until <= middle || at_terminals.terminals.changes())
        return;
    p_.loads_until = std::min(p_.loads_until, middle + sampled_at_least);
    if (std::abs(window.slip) < same_codes_slip && !metering_.has_noise()) {
        p_.steady = metering_.hold_steady(block, nullptr);
    } else {
        thread_local WindowSums sums;
        terminal_sums(at_terminals.terminals, config, window.window.samples(), sums);
        p_.steady = metering_.hold_steady(block, &sums);
    }
    p_.held = !p_.steady;
}

/// A run ends where the supply or a load changes and with the minute of the meter's clock; a window
/// that begins a minute is a run of its own.
void RunningMeter::begin_run(const SupplyWindow& first, std::int64_t at_most) {
    const Window& window = first.window;
    p_.run = {window, static_cast<double>(first.slip) * 0x1p-64, 1, 0};
    const auto in_the_minute = [&](std::int64_t n) {
        return minute_of(program_.rtc(window.start + n * window.length)) == p_.minute;
    };
    if (!in_the_minute(1) || !metering_.may_repeat_many())
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
    if (!program_.balance_counts())
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
        if (!p_.extras.empty())
            count(metering_, *spec_->type, whole(p_.run), at_end.rtc, each_of(states_after(p_.run)),
                  p_.extras);
        metering_.repeat(p_.run, at_end);
        bear(whole(p_.run), p_.extras);
        for (CircuitProgress& circuit : p_.circuits)
            circuit.energy = true_energy(circuit);
        p_.minute = minute_of(at_end.rtc);
    }
    p_.run = {};
    if (counted) {
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
    for (std::size_t n = 0; n < bearable_.size(); ++n) {
        const TerminalRms rms = at_terminals(p_.circuits[n].truth, terminals_.wiring(windows.start),
                                             static_cast<int>(n));
        Overload& overload = extras[n].overload;
        const bool fresh = overload.beyond == 0;
        if (const auto first = overload.bear(windows, rms, bearable_[n]); first && fresh)
            overload.since = program_.rtc(*first);
    }
}

// What is seen of it ---------------------------------------------------------------------------

void RunningMeter::show(MeterImage& image, Shown& shown) const {
    const MeteringMoment last = moment(p_.run.end());
    const std::uint64_t counted = metering_.state(0).window;
    if (shown.whole && counted == shown.counted)
        metering_.show_more(p_.run, last, image.metered);
    else
        metering_.show(p_.run, last, image.metered);
    sensors_.show(p_.leaks, image.metered);
    if (!p_.extras.empty()) {
        image.extras = p_.extras;
        if (p_.run.windows > 0) {
            count_on(whole(p_.run), each_of(image.metered), image.extras);
            bear(whole(p_.run), image.extras);
        }
    }
    if (!shown.whole || program_.changes() != shown.changes)
        image.memory = program_.memory();
    shown = {counted, program_.changes(), true};
}

MeterState RunningMeter::truth(int circuit) const {
    const CircuitProgress& mine = p_.circuits.at(static_cast<std::size_t>(circuit));
    MeterState truth;
    truth.at = std::max(metering_.state(circuit).at, p_.run.end());
    truth.window = metering_.state(circuit).window + static_cast<std::uint64_t>(p_.run.windows);
    truth.readings = mine.truth;
    truth.energy = true_energy(mine).registers();
    return truth;
}

// Its state ------------------------------------------------------------------------------------

void RunningMeter::save(StateWriter& to) const {
    to.write(program_.state());
    to.write(metering_.state());
    to.write(p_);
}

void RunningMeter::restore(StateReader& from) {
    ProgramState program;
    from.read(program, "program");
    program_.restore(std::move(program));
    MeteringState metering;
    from.read(metering, "metering");
    metering_.restore(std::move(metering));
    from.read(p_, "progress");
    if (p_.circuits.size() != static_cast<std::size_t>(spec_->type->circuits))
        throw BadState{"progress.circuits", "this meter has others"};
    if (p_.extras.size() != (has_extras(*spec_->type) ? p_.circuits.size() : 0) ||
        p_.leaks.size() != sensors_.leaks())
        throw BadState{"progress.extras", "this meter has others"};
    if ((p_.steady || p_.run.windows > 0) && !metering_.can_repeat())
        throw BadState{"progress.run", "no window was steady"};
    sensors_.sense(program_.memory());
    for (const Command& command : p_.told)
        for (const Assignment& each : command.what)
            if (refusal(*spec_, each, Access::local))
                throw BadState{"progress.told", "this meter takes no such command"};
    for (const Command& command : p_.told)
        for (const Intervention& each : command.also)
            if (!fits(*spec_->type, each))
                throw BadState{"progress.told", "nobody can do that to this meter"};
    for (const Message& message : p_.messages)
        if (message.meter != number_ || message.circuit < 0 ||
            message.circuit >= spec_->type->circuits)
            throw BadState{"progress.messages", "they are another meter's"};
}

} // namespace kpmsim
