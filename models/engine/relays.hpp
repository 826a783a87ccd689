#pragma once

#include "models/engine/memory.hpp"

namespace kpmsim {

/// The bit of a mask setting for the n-th relay of a circuit; false where the type has no such setting.
bool relay_bit(const MeterType& type, const MeterMemory& memory, Role mask, int circuit, int relay);
/// Alarms move it, and a command is refused.
inline bool by_alarm(const MeterType& type, const MeterMemory& memory, int circuit, int relay) {
    return relay_bit(type, memory, Role::relay_alarm, circuit, relay);
}
/// It opens by itself after pulse_length().
inline bool by_pulse(const MeterType& type, const MeterMemory& memory, int circuit, int relay) {
    return relay_bit(type, memory, Role::relay_pulse, circuit, relay);
}
/// Manuals: 200 ms from the factory.
SimDuration pulse_length(const MeterType& type, const MeterMemory& memory);
/// Whether an alarm of the circuit holds that was selected to move relays.
bool alarm_moves_relays(const MeterType& type, const MeterMemory& memory, int circuit);
/// Relays that do not latch open, and no alarm holds. True where that moved a relay.
bool lose_power(const MeterType& type, MeterMemory& memory);

} // namespace kpmsim
