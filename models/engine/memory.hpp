#pragma once

#include "models/engine/broker_setting.hpp"
#include "models/engine/energy_history.hpp"
#include "models/engine/override.hpp"
#include "models/engine/prepayment.hpp"
#include "models/engine/records.hpp"
#include "models/engine/stimulus.hpp"
#include "models/engine/upload_habit.hpp"
#include "models/type/meter_type.hpp"
#include "sim/meter_clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// A voltage at its auxiliary supply's terminals that an action holds there.
struct Auxiliary {
    std::uint64_t action{0}; ///< whose it is; 0: the farm file's
    bool enough{false};      ///< it works with that
    KPMSIM_FIELDS(action, enough);
};

/// What a meter keeps besides its metering: what it was told, and what it wrote down for itself.
/// Plain data; the metering side and the served side each hold one.
struct MeterMemory {
    std::vector<std::int64_t> settings; ///< SettingRow::first says where each setting's numbers are
    std::vector<std::uint8_t> relays;   ///< of the whole meter; 1 = closed
    std::vector<std::uint8_t> inputs;   ///< as it shows them; 1 = closed
    std::vector<std::uint8_t> contacts; ///< at the inputs, as far as no action holds them
    std::vector<std::uint32_t> alarms;  ///< by circuit; bit n = the type's n-th
    MeterClock clock;
    std::vector<EnergyHistory> months; ///< per circuit
    Prepayment prepaid;                ///< where the type has a balance
    BrokerSetting broker;              ///< where it was told to go with its packets
    MeterRecords records;
    TariffEntries tariffs; ///< none = the factory's
    // What actions hold, in the order in which they began; each goes with its action, whatever others hold.
    std::vector<Auxiliary> auxiliary; ///< the last one stands
    std::vector<OtherUnit> units;     ///< the last one stands in its place
    std::vector<Override> overrides;
    std::vector<HabitNow> habits; ///< of its firmware; its own at first
    std::vector<Stimulus> stimuli;
    KPMSIM_FIELDS(settings, relays, inputs, contacts, alarms, clock, months, prepaid, broker,
                  records, tariffs, auxiliary, units, overrides, habits, stimuli);

    /// Its auxiliary supply is there.
    bool powered() const { return auxiliary.empty() || auxiliary.back().enough; }
    /// Of another unit in its place; empty = its own.
    std::string serial() const { return units.empty() ? std::string{} : units.back().serial; }
    /// Whether the action holds anything.
    bool held_by(std::uint64_t action) const;
    /// What the action holds is over.
    void let_go(std::uint64_t action);
    std::int64_t setting(const SettingRow& row, int circuit = 0) const {
        return settings[row.first + (row.per_circuit ? static_cast<std::size_t>(circuit) : 0)];
    }
    std::int64_t& setting(const SettingRow& row, int circuit = 0) {
        return settings[row.first + (row.per_circuit ? static_cast<std::size_t>(circuit) : 0)];
    }
    /// The value that the setting with the role shows; `without` when the type has none.
    double shown(const MeterType& type, Role role, double without, int circuit = 0) const {
        const SettingRow* row = type.setting(role);
        return row == nullptr ? without : row->shown(setting(*row, circuit));
    }
    bool relay(int n) const { return relays[static_cast<std::size_t>(n)] != 0; }
    bool input(int n) const { return inputs[static_cast<std::size_t>(n)] != 0; }
    /// What an action holds an input at; `without` where none does.
    double held(StimulusKind kind, int circuit, int input, double without) const;
    /// The contact at the n-th input of the meter.
    bool contact(const MeterType& type, int n) const;
    /// The contact of the n-th relay of the meter, which may not do what it is told.
    bool relay_contact(const MeterType& type, int n) const;
};

} // namespace kpmsim
