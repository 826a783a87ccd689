#include "scenarios/farm/running_meter.hpp"

#include "models/engine/reboot.hpp"
#include "scenarios/farm/platform_message.hpp"

#include <algorithm>
#include <optional>
#include <utility>

// What a meter is told, and what is done to what is around it: each from a window boundary on.

namespace kpmsim {

namespace {

/// When the next input follows its contact, as far as commands have been carried out.
SimTime contact_due(const MeterProgram& program, const MeterType& type) {
    SimTime next = SimTime::max();
    const ProgramState& state = program.state();
    for (std::size_t n = 0; n < state.contacts.size(); ++n)
        next = std::min(next, state.contacts[n].due(state.memory.inputs[n] != 0, type.debounce));
    return next;
}

bool ends_reboot(const std::vector<Command>& told) {
    const Intervention end = end_of_reboot();
    return std::any_of(told.begin(), told.end(), [&](const Command& command) {
        return std::any_of(command.also.begin(), command.also.end(), [&](const Intervention& each) {
            return each.kind == end.kind && each.action == end.action;
        });
    });
}

} // namespace

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
        if (effects.power && !program_.memory().powered()) // what its radio was to send yet
            std::erase_if(p_.messages,
                          [&](const Message& message) { return message.at > boundary; });
        for (const Intervention& each : command.also)
            if (each.kind == InterventionKind::message)
                hear(each, boundary);
        if (is_rebooting(program_.memory()) && !ends_reboot(p_.told))
            tell({command.at + reboot_time, {}, {end_of_reboot()}});
        sensors_.sense(program_.memory());
        p_.steady = false; // alarms are judged, and inputs seen, with the window that begins
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
            clear_extremes(*spec_, program_.memory(), states_after({}), program_.rtc(boundary),
                           p_.extras);
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

} // namespace kpmsim
