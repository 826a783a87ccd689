#include "models/engine/program.hpp"

#include "sim/archive.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace kpmsim {

namespace {

int settlement_day(const MeterType& type, const MeterMemory& memory) {
    return static_cast<int>(memory.shown(type, Role::history_day, 1));
}

} // namespace

SimTime when_shown(const MeterClock& clock, CivilTime start, CivilTime rtc) {
    if (rtc == CivilTime::max())
        return SimTime::max();
    // The offset changes by whole seconds and slowly: one step towards it leaves a second or two.
    CivilTime site = rtc - std::chrono::seconds{clock.offset_at(rtc)};
    site = rtc - std::chrono::seconds{clock.offset_at(site)};
    while (clock.shown(site) >= rtc)
        site -= std::chrono::seconds{1};
    while (clock.shown(site) < rtc)
        site += std::chrono::seconds{1};
    return SimTime{site - start};
}

MeterProgram::MeterProgram(const MeterSpec& spec, CivilTime start, bool uploads, SimTime at)
    : spec_{&spec}, start_{start} {
    const UploadPlan& plan_of_type = upload_plan(*spec.type, spec.serial);
    if (uploads && !plan_of_type.empty())
        uploads_ = &plan_of_type;
    state_.memory = first_memory(spec);
    state_.handled = rtc(at); // what falls on the very first second was before
    state_.settlement = settlement_after(rtc(at), settlement_day(*spec.type, state_.memory));
    plan();
}

void MeterProgram::restore(ProgramState state) {
    const MeterType& type = *spec_->type;
    const MeterMemory& memory = state.memory;
    if (memory.settings.size() != type.setting_numbers ||
        memory.relays.size() != static_cast<std::size_t>(type.coils) ||
        memory.inputs.size() != static_cast<std::size_t>(type.inputs) ||
        memory.months.size() != static_cast<std::size_t>(type.circuits))
        throw BadState{"memory", "a " + type.name + " has other settings, relays or inputs"};
    for (const Override& one : memory.overrides)
        if (one.circuit < 0 || one.circuit >= type.circuits ||
            one.point.place >= type.points.all().size() || type.points[one.point].text)
            throw BadState{"memory.overrides", "a " + type.name + " has no such point"};
    for (const SettingRow& row : type.settings)
        for (int circuit = 0; circuit < (row.per_circuit ? type.circuits : 1); ++circuit)
            if (!row.allows(memory.setting(row, circuit)))
                throw BadState{"memory.settings", row.name + " has a value that it does not take"};
    state_ = std::move(state);
    plan();
}

void MeterProgram::plan() {
    grid_ = {};
    due_ = SimTime::max();
    if (!state_.memory.powered())
        return;
    if (uploads_ != nullptr) {
        const auto every = [&](Role role, const UploadTopic& topic, std::int64_t unit_s) {
            return topic.empty()
                       ? 0
                       : unit_s *
                             static_cast<std::int64_t>(state_.memory.shown(*spec_->type, role, 0));
        };
        grid_ = {every(Role::upload_seconds, uploads_->realtime, 1),
                 every(Role::upload_minutes, uploads_->energy, 60), uploads_->realtime_delay_s,
                 !uploads_->day.empty()};
    }
    CivilTime next = std::min(state_.settlement, grid_.next(state_.handled));
    if (!state_.again.empty())
        next = std::min(next, state_.again.front().due);
    due_ = when_shown(state_.memory.clock, start_, next);
}

void MeterProgram::close_months(SimTime at, ProgramPort& port) {
    const CivilTime now = rtc(at);
    // A clock that was set forward over several settlement moments closes one month; one that was
    // set back, or another settlement day, closes none.
    if (now >= state_.settlement) {
        const std::span<const MeterState> circuits = port.look(at);
        for (std::size_t n = 0; n < circuits.size(); ++n)
            state_.memory.months[n].close(circuits[n].energy);
        ++state_.changes;
        for (int circuit = 0;
             uploads_ != nullptr && !uploads_->freeze.empty() && circuit < spec_->type->circuits;
             ++circuit)
            port.upload(at, circuit, uploads_->freeze, now);
    }
    state_.settlement = settlement_after(now, settlement_day(*spec_->type, state_.memory));
}

void MeterProgram::run(ProgramPort& port) {
    const SimTime at = due_;
    assert(at != SimTime::max());
    close_months(at, port);
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
    const CivilTime told_at = civil_time(start_, command.at);
    for (const Assignment& each : command.what)
        effects |= assign(*spec_, state_.memory, told_at, each);
    static const std::array<std::uint16_t, max_circuits> no_radio{};
    for (const Intervention& each : command.also)
        effects |= intervene({spec_, &state_.memory, port.look(boundary), no_radio, told_at},
                             state_.memory, told_at, each);
    ++state_.changes;
    if (!state_.memory.powered()) {
        state_.again.clear();
        plan();
    } else if (effects.clock || effects.power) {
        close_months(boundary, port);
        state_.handled = rtc(boundary);
        plan();
    }
    return effects;
}

} // namespace kpmsim
