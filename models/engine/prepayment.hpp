#pragma once

#include "sim/clock.hpp"
#include "sim/fields.hpp"
#include "sim/meter_state.hpp"

#include <cstdint>
#include <span>

namespace kpmsim {

struct MeterMemory;
struct MeterSpec;
struct MeterType;
struct SettingRow;

/// What a setting with the role control.mode says; the map of the KPM33B.
inline constexpr std::int64_t local_control{0xDD11};
inline constexpr std::int64_t remote_control{0xDD22};
/// … and one with the role control.forced.
inline constexpr std::int64_t forced_open{0xAADD};
inline constexpr std::int64_t forced_closed{0xBBDD};

/// The paid energy of a prepayment meter, and what moves its relay besides commands; plain data.
///
/// unit    µJ of imported active energy
/// error   none: the relay opens at the first window boundary at which the balance is used up
/// source  KPM33B manual V3.4, 6, for the words; what each of them does is assumed, see
///         docs/reference/prepayment.md
struct Prepayment {
    std::int64_t left_uj{0}; ///< paid and not used, when the register stood at `from`
    EnergyCount from{};      ///< of the register of imported active energy
    bool counts{false};      ///< it is not used up, the overdraft included
    bool told{true};         ///< what the relay comes back to when nothing forces it
    bool begins{false};      ///< what forces it was written, and acts from the next moment on
    SimTime forced{SimTime::max()};   ///< … until then
    SimTime heavy{SimTime::max()};    ///< since when a phase has drawn more than the threshold
    SimTime relieved{SimTime::max()}; ///< when the relay closes again after that has opened it
    KPMSIM_FIELDS(left_uj, from, counts, told, begins, forced, heavy, relieved);
    constexpr bool operator==(const Prepayment&) const = default;

    bool valid() const {
        constexpr std::int64_t most = std::int64_t{1} << 62;
        return left_uj > -most && left_uj < most && from.valid();
    }
};

/// Whether the type has a balance; then it has one circuit, and its first relay is what prepayment moves.
bool has_prepayment(const MeterType& type);
/// As a fresh meter has it, whose energies stand at `start`.
void begin_prepayment(const MeterType& type, MeterMemory& memory, const EnergyRegisters& start);
/// The balance, in kWh.
double balance_kwh(const MeterMemory& memory, const EnergyRegisters& energy);
/// The balance is used up, the overdraft included, where the registers stand at `energy`.
bool used_up(const MeterType& type, const MeterMemory& memory, const EnergyRegisters& energy);
/// Before energies, or the balance, are set: what follows counts from `energy`.
void carry_over(const MeterType& type, MeterMemory& memory, std::span<const MeterState> metered);
/// A setting was written.
void take_payment(const SettingRow& row, MeterMemory& memory);

/// The meter moves its relay itself: a command to it is refused.
bool moves_own_relay(const MeterType& type, const MeterMemory& memory);
/// A window with these readings is over.
void see_load(const MeterType& type, MeterMemory& memory, const Readings& readings, SimTime at);
/// Where the relay is to stand from `at` on.
bool relay_at(const MeterType& type, MeterMemory& memory, const EnergyRegisters& energy,
              SimTime at);
/// When relay_at() comes to something else of itself; SimTime::max() for never.
SimTime relay_due(const MeterType& type, const MeterMemory& memory);

} // namespace kpmsim
