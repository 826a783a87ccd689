#include "models/engine/program.hpp"

#include "models/engine/relays.hpp"
#include "sim/archive.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace kpmsim {

namespace {

int settlement_day(const MeterType& type, const MeterMemory& memory) {
    return static_cast<int>(memory.shown(type, Role::history_day, 1));
}

/// Throws BadState for entries that the type does not take.
void check_tariffs(const MeterType& type, const TariffEntries& entries) {
    if (!entries)
        return;
    const TariffTables& tables = type.tariff_tables;
    bool good = entries->size() == static_cast<std::size_t>(tables.entries());
    for (int place = 0; good && place < tables.entries(); ++place)
        good = allows_entry(tables, place, (*entries)[static_cast<std::size_t>(place)]);
    if (!good)
        throw BadState{"memory.tariffs", "a " + type.name + " takes no such tables"};
}

} // namespace

SimTime when_shown(const MeterClock& clock, CivilTime start, CivilTime rtc) {
    if (rtc == CivilTime::max())
        return SimTime::max();
    // The offset changes by whole seconds and slowly: one step towards it leaves a second or two.
    CivilTime site = rtc - std::chrono::seconds{clock.offset_at(rtc)};
    site = rtc - std::chrono::seconds{clock.offset_at(site)};
    while (clock.counted(site) >= rtc)
        site -= std::chrono::seconds{1};
    while (clock.counted(site) < rtc)
        site += std::chrono::seconds{1};
    return SimTime{site - start};
}

MeterProgram::MeterProgram(const MeterSpec& spec, CivilTime start, bool uploads, SimTime at)
    : spec_{&spec}, start_{start}, watch_{spec, first_memory(spec)} {
    const UploadPlan& plan_of_type = upload_plan(*spec.type, spec.serial);
    if (uploads && !plan_of_type.empty())
        uploads_ = &plan_of_type;
    state_.memory = first_memory(spec);
    state_.handled = rtc(at); // what falls on the very first second was before
    state_.settlement = settlement_after(rtc(at), settlement_day(*spec.type, state_.memory));
    state_.reached = at;
    state_.memory.records.today = std::chrono::floor<std::chrono::days>(rtc(at));
    tariffs_ = tariff_calendar(*spec.type, state_.memory.tariffs);
    for (int n = 0; n < spec.type->inputs; ++n)
        state_.contacts.push_back(
            {state_.memory.input(n), at, state_.memory.input(n), state_.memory.input(n), at});
    state_.drives.resize(state_.memory.relays.size());
    for (int circuit = 0; circuit < spec.type->circuits; ++circuit)
        state_.indicated.push_back(indication(circuit));
    relays_told_ = state_.memory.relays;
    plan();
}

void MeterProgram::restore(ProgramState state) {
    const MeterType& type = *spec_->type;
    const MeterMemory& memory = state.memory;
    if (memory.settings.size() != type.setting_numbers ||
        memory.relays.size() != static_cast<std::size_t>(type.coils) ||
        memory.inputs.size() != static_cast<std::size_t>(type.inputs) ||
        memory.contacts.size() != memory.inputs.size() ||
        state.contacts.size() != memory.inputs.size() ||
        state.indicated.size() != static_cast<std::size_t>(type.circuits) ||
        memory.alarms.size() != static_cast<std::size_t>(type.circuits) ||
        state.drives.size() != memory.relays.size() ||
        memory.months.size() != static_cast<std::size_t>(type.circuits) ||
        memory.records.circuits.size() != memory.months.size() ||
        memory.records.has_days() != type.days)
        throw BadState{"memory", "a " + type.name + " has other settings, relays or inputs"};
    check_tariffs(type, memory.tariffs);
    for (const Override& one : memory.overrides)
        if (one.circuit < 0 || one.circuit >= type.circuits ||
            one.point.place >= type.points.all().size() || type.points[one.point].text)
            throw BadState{"memory.overrides", "a " + type.name + " has no such point"};
    for (const SettingRow& row : type.settings)
        for (int circuit = 0; circuit < (row.per_circuit ? type.circuits : 1); ++circuit)
            if (!takes(*spec_, row, memory.setting(row, circuit)))
                throw BadState{"memory.settings", row.name + " has a value that it does not take"};
    state_ = std::move(state);
    relays_told_ = state_.memory.relays;
    watch_ = Watch{*spec_, state_.memory};
    tariffs_ = tariff_calendar(type, state_.memory.tariffs);
    plan();
}

void MeterProgram::plan() {
    grid_ = {};
    due_ = SimTime::max();
    if (!state_.memory.powered())
        return;
    if (uploads_ != nullptr) {
        const auto every = [&](Role role, const UploadTopic& topic, std::int64_t unit_s) {
            return topic.sent_by(spec_->firmware)
                       ? unit_s *
                             static_cast<std::int64_t>(state_.memory.shown(*spec_->type, role, 0))
                       : 0;
        };
        grid_ = {every(Role::upload_seconds, uploads_->realtime, 1),
                 every(Role::upload_minutes, uploads_->energy, 60), uploads_->realtime_delay_s,
                 uploads_->day.sent_by(spec_->firmware)};
    }
    CivilTime next = std::min({first_of_century + century, state_.settlement,
                               state_.memory.records.day_ends(), grid_.next(state_.handled)});
    if (!state_.again.empty())
        next = std::min(next, state_.again.front().due);
    due_ = std::min(when_shown(state_.memory.clock, start_, next), moves_relay());
}

// What is due -------------------------------------------------------------------------------------

/// Its year has gone over, or was set over, its two digits: all that waits for a moment of the clock
/// goes by what it shows from here on.
void MeterProgram::turn_centuries(SimTime at) {
    MeterMemory& memory = state_.memory;
    const std::int64_t centuries = centuries_at(memory.clock.counted(civil_time(start_, at)));
    if (centuries == 0)
        return;
    const std::chrono::seconds by = centuries * century;
    memory.clock.offset_s -= by.count();
    memory.records.today -= by;
    state_.handled -= by;
    state_.settlement -= by;
    for (SecondUpload& each : state_.again) {
        each.due -= by;
        each.stamp -= by;
    }
    ++state_.changes;
}

void MeterProgram::close_months(SimTime at, ProgramPort& port) {
    const CivilTime now = rtc(at);
    // A clock that was set forward over several settlement moments closes one month; one that was
    // set back, or another settlement day, closes none.
    if (now >= state_.settlement) {
        const std::span<const MeterState> circuits = port.look(at);
        for (std::size_t n = 0; n < circuits.size(); ++n)
            state_.memory.months[n].close(circuits[n].energy);
        state_.memory.records.frozen = now;
        if (spec_->type->month_statistics)
            for (std::size_t n = 0; n < circuits.size(); ++n)
                state_.memory.records.circuits[n].close_month(port.hours(at, static_cast<int>(n)));
        ++state_.changes;
        for (int circuit = 0; uploads_ != nullptr && uploads_->freeze.sent_by(spec_->firmware) &&
                              circuit < spec_->type->circuits;
             ++circuit)
            port.upload(at, circuit, uploads_->freeze, now);
    }
    state_.settlement = settlement_after(now, settlement_day(*spec_->type, state_.memory));
}

void MeterProgram::close_days(SimTime at, ProgramPort& port) {
    MeterRecords& records = state_.memory.records;
    if (records.has_days() && records.pass_days(rtc(at), port.look(at)))
        ++state_.changes;
}

void MeterProgram::run(ProgramPort& port) {
    const SimTime at = due_;
    assert(at != SimTime::max());
    state_.reached = at;
    turn_centuries(at);
    open_after_pulses(at);
    if (relay_due(*spec_->type, state_.memory) <= at)
        move_own_relay(at, port.look(at).front().energy);
    tell_moves(at, port);
    indicate(at, port);
    close_months(at, port);
    close_days(at, port);
    const CivilTime now = rtc(at);
    upload_again(at, now, port);
    // A clock that runs fast leaves out a second now and then; each still counts once.
    for (int circuit = 0; circuit < spec_->type->circuits; ++circuit)
        for (CivilTime t = grid_.next(state_.handled); t <= now; t = grid_.next(t)) {
            if (grid_.energy_at(t))
                port.upload(at, circuit, uploads_->energy, t);
            if (grid_.day_at(t))
                port.upload(at, circuit, uploads_->day, t);
            grid_.realtime_at(
                t, [&](CivilTime stamp) { port.upload(at, circuit, uploads_->realtime, stamp); });
        }
    if (uploads_ != nullptr && has_habit(state_.memory.habits, UploadHabit::double_upload))
        for (CivilTime t = grid_.next(state_.handled); t <= now; t = grid_.next(t))
            if (grid_.energy_at(t))
                state_.again.push_back({t + std::chrono::seconds{1}, t});
    state_.handled = now;
    plan();
}

void MeterProgram::upload_again(SimTime at, CivilTime now, ProgramPort& port) {
    while (!state_.again.empty() && state_.again.front().due <= now) {
        const SecondUpload one = state_.again.front();
        state_.again.erase(state_.again.begin());
        for (int circuit = 0; uploads_ != nullptr && circuit < spec_->type->circuits; ++circuit)
            port.upload(at, circuit, uploads_->energy, one.stamp);
    }
}

Effects MeterProgram::carry_out(const Command& command, SimTime boundary, ProgramPort& port) {
    Effects effects;
    turn_centuries(boundary);
    const CivilTime told_at = civil_time(start_, command.at);
    if (has_prepayment(*spec_->type))
        carry_over(*spec_->type, state_.memory, port.look(boundary));
    const auto refused = [&](const Intervention& what, Refusal why) {
        port.refused({boundary, what, why, state_.memory.powered()});
    };
    for (const Assignment& each : assignments(*spec_, state_.memory, told_at, command, refused)) {
        const Point& point = spec_->type->points[each.point];
        const bool relay = point.kind == PointKind::relay;
        if (relay && (!state_.memory.powered() ||
                      by_alarm(*spec_->type, state_.memory, each.circuit, point.index) ||
                      moves_own_relay(*spec_->type, state_.memory)))
            continue; // it was taken before the supply went, or something else moved the relay
        effects |= assign(*spec_, state_.memory, told_at, each);
        if (relay)
            drive(static_cast<std::size_t>(each.circuit * spec_->type->coils_per_unit() +
                                           point.index),
                  each.value != 0, boundary);
        if (point.kind == PointKind::input)
            state_.contacts[static_cast<std::size_t>(each.circuit * spec_->type->inputs_per_unit() +
                                                     point.index)] = {
                each.value != 0, command.at, each.value != 0, each.value != 0, boundary};
    }
    static const std::array<std::uint16_t, max_circuits> no_radio{};
    for (const Intervention& each : command.also)
        effects |= intervene({spec_, &state_.memory, port.look(boundary), no_radio, told_at},
                             state_.memory, told_at, each);
    if (has_prepayment(*spec_->type) && state_.memory.powered())
        effects.relays |=
            move_own_relay(boundary, effects.clear_energy ? EnergyRegisters{}
                                                          : port.look(boundary).front().energy);
    turn_centuries(boundary);
    tell_moves(boundary, port);
    ++state_.changes;
    state_.reached = std::max(state_.reached, boundary);
    watch_ = Watch{*spec_, state_.memory};
    if (effects.tariffs)
        tariffs_ = tariff_calendar(*spec_->type, state_.memory.tariffs);
    if (!state_.memory.powered()) {
        state_.again.clear();
        state_.drives.assign(state_.drives.size(), {});
        state_.memory.prepaid.heavy = SimTime::max();
    } else {
        see_contacts(boundary, command.at, port);
        follow_contacts(boundary, command.at, port); // at once, where nothing is waited for
        indicate(boundary, port);
        if (effects.clock || effects.power) {
            close_months(boundary, port);
            close_days(boundary, port);
            state_.handled = rtc(boundary);
        }
    }
    plan();
    return effects;
}

} // namespace kpmsim
