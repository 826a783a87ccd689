#pragma once

#include "models/engine/energy_history.hpp"
#include "models/engine/override.hpp"
#include "models/type/meter_type.hpp"
#include "sim/meter_clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kpmsim {

/// What a meter keeps besides its metering: what it was told, and what it wrote down for itself.
/// Plain data; the metering side and the served side each hold one.
struct MeterMemory {
    std::vector<std::int64_t> settings; ///< SettingRow::first says where each setting's numbers are
    std::vector<std::uint8_t> relays;   ///< of the whole meter; 1 = closed
    std::vector<std::uint8_t> inputs;
    MeterClock clock;
    std::vector<EnergyHistory> months; ///< per circuit
    bool powered{true};                ///< its auxiliary supply is there
    std::string serial;                ///< of another unit in its place; empty = its own
    std::vector<Override> overrides;   ///< in the order in which they began
    KPMSIM_FIELDS(settings, relays, inputs, clock, months, powered, serial, overrides);

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
};

} // namespace kpmsim
