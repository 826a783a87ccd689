// What moves a meter's relays: the ends of pulses, alarms, prepayment and load control; and who is told.
#include "models/engine/program.hpp"

#include "models/engine/relays.hpp"

#include <algorithm>
#include <cstddef>

namespace kpmsim {

SimTime MeterProgram::moves_relay() const {
    SimTime next = SimTime::max();
    for (const RelayDrive& one : state_.drives)
        next = std::min(next, one.opens);
    return std::min(next, relay_due(*spec_->type, state_.memory));
}

/// Its coil is told so; of a relay that pulses the contact opens again.
void MeterProgram::drive(std::size_t relay, bool closed, SimTime at) {
    const int own = spec_->type->coils_per_unit();
    const int n = static_cast<int>(relay);
    state_.memory.relays[relay] = closed;
    const bool pulse = closed && by_pulse(*spec_->type, state_.memory, n / own, n % own);
    state_.drives[relay].opens =
        pulse ? at + pulse_length(*spec_->type, state_.memory) : SimTime::max();
}

void MeterProgram::open_after_pulses(SimTime at) {
    for (std::size_t n = 0; n < state_.drives.size(); ++n)
        if (state_.drives[n].opens <= at) {
            drive(n, false, at);
            ++state_.changes;
        }
}

/// True when a relay has moved.
bool MeterProgram::follow_alarms(SimTime at) {
    const MeterType& type = *spec_->type;
    const int own = type.coils_per_unit();
    bool moved = false;
    for (std::size_t n = 0; n < state_.drives.size(); ++n) {
        const int circuit = static_cast<int>(n) / own;
        const int relay = static_cast<int>(n) % own;
        RelayDrive& one = state_.drives[n];
        const bool active = by_alarm(type, state_.memory, circuit, relay) &&
                            alarm_moves_relays(type, state_.memory, circuit);
        const bool came = active && !one.alarmed;
        one.alarmed = active;
        if (!by_alarm(type, state_.memory, circuit, relay))
            continue;
        const bool pulse = by_pulse(type, state_.memory, circuit, relay);
        if (pulse ? came : active != state_.memory.relay(static_cast<int>(n))) {
            drive(n, active, at);
            moved = true;
        }
    }
    return moved;
}

void MeterProgram::tell_moves(SimTime at, ProgramPort& port) {
    const std::vector<std::uint8_t>& now = state_.memory.relays;
    if (now == relays_told_)
        return;
    for (std::size_t n = 0; n < now.size(); ++n)
        if (now[n] != relays_told_[n])
            port.moved({at, static_cast<int>(n), now[n] != 0});
    relays_told_ = now;
}

/// What prepayment makes of its first relay. True when that has moved.
bool MeterProgram::move_own_relay(SimTime at, const EnergyRegisters& energy) {
    const MeterType& type = *spec_->type;
    if (!has_prepayment(type))
        return false;
    const Prepayment before = state_.memory.prepaid;
    const bool closed = relay_at(type, state_.memory, energy, at);
    const bool moved = type.coils > 0 && closed != state_.memory.relay(0);
    if (moved)
        drive(0, closed, at);
    if (moved || state_.memory.prepaid != before)
        ++state_.changes;
    return moved;
}

bool MeterProgram::control_load(SimTime at, const MeterState& metered, ProgramPort& port) {
    if (!has_prepayment(*spec_->type))
        return false;
    const SimTime due = moves_relay();
    see_load(*spec_->type, state_.memory, metered.readings, at);
    const bool moved = move_own_relay(at, metered.energy);
    if (moved) {
        state_.reached = std::max(state_.reached, at);
        tell_moves(at, port);
        indicate(at, port);
    }
    if (moved || moves_relay() != due)
        plan();
    return moved;
}

bool MeterProgram::watch(SimTime at, std::span<const MeterState* const> circuits,
                         ProgramPort& port) {
    if (watch_.empty())
        return false;
    bool changed = false;
    for (std::size_t n = 0; n < circuits.size(); ++n) {
        const std::uint32_t now =
            watch_.alarms(static_cast<int>(n), circuits[n]->readings, state_.memory);
        changed = changed || now != state_.memory.alarms[n];
        state_.memory.alarms[n] = now;
    }
    const bool moved = follow_alarms(at);
    if (!changed && !moved)
        return false;
    tell_moves(at, port);
    ++state_.changes;
    state_.reached = std::max(state_.reached, at);
    indicate(at, port);
    plan();
    return moved;
}

} // namespace kpmsim
