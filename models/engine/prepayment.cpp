#include "models/engine/prepayment.hpp"

#include "models/engine/memory.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kpmsim {

namespace {

constexpr std::int64_t uj_per_kwh = 1000 * EnergyCount::uj_per_wh;

/// Of a setting in kWh.
std::int64_t uj_of(const SettingRow& row, std::int64_t kept) {
    return kept / row.scale * uj_per_kwh + kept % row.scale * uj_per_kwh / row.scale;
}

std::int64_t uj_of(const MeterType& type, const MeterMemory& memory, Role role) {
    const SettingRow* row = type.setting(role);
    return row == nullptr ? 0 : uj_of(*row, memory.setting(*row));
}

/// The two are as far apart as a balance at the most.
std::int64_t uj_between(const EnergyCount& from, const EnergyCount& to) {
    return (to.wh - from.wh) * EnergyCount::uj_per_wh + (to.uj - from.uj);
}

std::int64_t balance_uj(const Prepayment& prepaid, const EnergyRegisters& energy) {
    return prepaid.counts ? prepaid.left_uj - uj_between(prepaid.from, energy[Energy::p_import])
                          : prepaid.left_uj;
}

std::int64_t word(const MeterType& type, const MeterMemory& memory, Role role) {
    const SettingRow* row = type.setting(role);
    return row == nullptr ? 0 : memory.setting(*row);
}

bool is_local(const MeterType& type, const MeterMemory& memory) {
    return word(type, memory, Role::control_mode) == local_control;
}

bool is_forced(const MeterType& type, const MeterMemory& memory) {
    const std::int64_t how = word(type, memory, Role::control_forced);
    return (how == forced_open || how == forced_closed) &&
           word(type, memory, Role::control_minutes) > 0;
}

SimDuration load_time(const MeterType& type, const MeterMemory& memory) {
    return std::chrono::seconds{std::llround(memory.shown(type, Role::load_seconds, 0))};
}

/// What forces the relay begins, or is over; true where it is over now.
bool follow_forced(const MeterType& type, MeterMemory& memory, SimTime at) {
    Prepayment& prepaid = memory.prepaid;
    const bool before = prepaid.forced != SimTime::max();
    if (std::exchange(prepaid.begins, false))
        prepaid.forced = is_forced(type, memory)
                             ? at + std::chrono::minutes{word(type, memory, Role::control_minutes)}
                             : SimTime::max();
    if (prepaid.forced <= at) {
        prepaid.forced = SimTime::max();
        for (const Role role : {Role::control_forced, Role::control_minutes})
            memory.setting(*type.setting(role)) = 0;
    }
    return before && prepaid.forced == SimTime::max();
}

/// The balance is used up, or is not any more.
void follow_balance(const MeterType& type, MeterMemory& memory, const EnergyRegisters& energy) {
    Prepayment& prepaid = memory.prepaid;
    const std::int64_t now = balance_uj(prepaid, energy);
    const bool left = now > -uj_of(type, memory, Role::prepaid_overdraft);
    if (left == prepaid.counts)
        return;
    prepaid.left_uj = now;
    prepaid.from = energy[Energy::p_import];
    prepaid.counts = left;
}

/// Load control opens, or closes again.
void follow_load(const MeterType& type, MeterMemory& memory, SimTime at) {
    Prepayment& prepaid = memory.prepaid;
    const SimDuration time = load_time(type, memory);
    if (!is_local(type, memory) || prepaid.forced != SimTime::max() ||
        time == SimDuration::zero()) {
        prepaid.heavy = prepaid.relieved = SimTime::max();
        return;
    }
    if (prepaid.relieved <= at)
        prepaid.relieved = SimTime::max();
    if (prepaid.heavy <= at - time) {
        prepaid.heavy = SimTime::max();
        prepaid.relieved = at + time;
    }
}

} // namespace

bool has_prepayment(const MeterType& type) { return type.setting(Role::prepaid_energy) != nullptr; }

void begin_prepayment(const MeterType& type, MeterMemory& memory, const EnergyRegisters& start) {
    if (!has_prepayment(type))
        return;
    Prepayment& prepaid = memory.prepaid;
    prepaid.left_uj = uj_of(type, memory, Role::prepaid_energy);
    prepaid.from = start[Energy::p_import];
    prepaid.begins = true;
    follow_balance(type, memory, start);
    if (type.coils > 0 && is_local(type, memory))
        memory.relays[0] = prepaid.counts;
    prepaid.told = type.coils > 0 && memory.relay(0);
}

double balance_kwh(const MeterMemory& memory, const EnergyRegisters& energy) {
    return static_cast<double>(balance_uj(memory.prepaid, energy)) /
           static_cast<double>(uj_per_kwh);
}

bool used_up(const MeterType& type, const MeterMemory& memory, const EnergyRegisters& energy) {
    return balance_uj(memory.prepaid, energy) <= -uj_of(type, memory, Role::prepaid_overdraft);
}

void carry_over(const MeterType& type, MeterMemory& memory, std::span<const MeterState> metered) {
    if (!has_prepayment(type))
        return;
    const EnergyRegisters& energy = metered.front().energy;
    memory.prepaid.left_uj = balance_uj(memory.prepaid, energy);
    memory.prepaid.from = energy[Energy::p_import];
}

void take_payment(const SettingRow& row, MeterMemory& memory) {
    if (row.role == Role::prepaid_energy)
        memory.prepaid.left_uj = uj_of(row, memory.setting(row));
    else if (row.role == Role::control_forced || row.role == Role::control_minutes)
        memory.prepaid.begins = true;
}

bool moves_own_relay(const MeterType& type, const MeterMemory& memory) {
    return has_prepayment(type) && (is_local(type, memory) || is_forced(type, memory));
}

void see_load(const MeterType& type, MeterMemory& memory, const Readings& readings, SimTime at) {
    Prepayment& prepaid = memory.prepaid;
    const double limit_w = 1000 * memory.shown(type, Role::load_limit, 0);
    const double most = std::max({readings[Slot::p_a], readings[Slot::p_b], readings[Slot::p_c]});
    const bool watched = is_local(type, memory) && prepaid.forced == SimTime::max() &&
                         load_time(type, memory) > SimDuration::zero();
    if (!watched || most <= limit_w)
        prepaid.heavy = SimTime::max();
    else if (prepaid.heavy == SimTime::max())
        prepaid.heavy = at;
}

bool relay_at(const MeterType& type, MeterMemory& memory, const EnergyRegisters& energy,
              SimTime at) {
    Prepayment& prepaid = memory.prepaid;
    const bool let_go = follow_forced(type, memory, at);
    follow_balance(type, memory, energy);
    follow_load(type, memory, at);
    if (prepaid.forced != SimTime::max())
        return word(type, memory, Role::control_forced) == forced_closed;
    if (is_local(type, memory))
        prepaid.told = prepaid.counts && prepaid.relieved == SimTime::max();
    else if (!let_go)
        prepaid.told = memory.relay(0);
    return prepaid.told;
}

SimTime relay_due(const MeterType& type, const MeterMemory& memory) {
    if (!has_prepayment(type))
        return SimTime::max();
    const Prepayment& prepaid = memory.prepaid;
    SimTime next = std::min(prepaid.forced, prepaid.relieved);
    if (prepaid.heavy != SimTime::max())
        next = std::min(next, prepaid.heavy + load_time(type, memory));
    return next;
}

} // namespace kpmsim
