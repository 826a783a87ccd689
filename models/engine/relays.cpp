#include "models/engine/relays.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

bool relay_bit(const MeterType& type, const MeterMemory& memory, Role mask, int circuit,
               int relay) {
    const SettingRow* row = type.setting(mask);
    return row != nullptr && (memory.setting(*row, circuit) >> relay & 1) != 0;
}

SimDuration pulse_length(const MeterType& type, const MeterMemory& memory) {
    return std::chrono::milliseconds{std::llround(memory.shown(type, Role::relay_pulse_ms, 200))};
}

bool alarm_moves_relays(const MeterType& type, const MeterMemory& memory, int circuit) {
    const SettingRow* row = type.setting(Role::alarm_select);
    const auto selected = row == nullptr ? ~std::int64_t{0} : memory.setting(*row, circuit);
    return (memory.alarms[static_cast<std::size_t>(circuit)] & selected) != 0;
}

bool lose_power(const MeterType& type, MeterMemory& memory) {
    std::fill(memory.alarms.begin(), memory.alarms.end(), 0u);
    const bool closed =
        std::find(memory.relays.begin(), memory.relays.end(), 1) != memory.relays.end();
    if (type.relays_latching || !closed)
        return false;
    std::fill(memory.relays.begin(), memory.relays.end(), std::uint8_t{0});
    return true;
}

} // namespace kpmsim
