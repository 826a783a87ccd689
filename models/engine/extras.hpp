#pragma once

#include "models/engine/meter_spec.hpp"
#include "models/engine/overload.hpp"
#include "models/engine/records.hpp"
#include "sim/extremes.hpp"
#include "sim/metering.hpp"
#include "sim/pulse_output.hpp"
#include "sim/shared.hpp"

#include <array>
#include <span>
#include <vector>

namespace kpmsim {

/// What a circuit of a fuller meter keeps besides its readings, energies and demands.
struct CircuitExtras {
    Shared<Extremes> extremes;               ///< nothing before the first window
    std::vector<ValueExtremes> temperatures; ///< of each of several sensors, where they are fitted
    std::array<PulseOutput, 2> pulses;       ///< of active and of reactive energy
    std::array<SimTime, 2> last_pulse{};     ///< leading edges; the beginning = none yet
    Hours time{};                            ///< with supply, and with a load
    Overload overload;
    KPMSIM_FIELDS(extremes, temperatures, pulses, last_pulse, time, overload);
};

/// Per circuit; empty where the type asks for none of them.
using Extras = std::vector<CircuitExtras>;

/// As they are before the first window; energies as they stand give no pulse.
Extras first_extras(const MeterSpec& spec, const MeterMemory& memory);
/// The constants and ratios that pulses count by.
void set_pulses(const MeterSpec& spec, const MeterMemory& memory, Extras& extras);
/// Energies that were set, or cleared, give no pulse.
void begin_energy(const EnergyRegisters& registers, Extras& extras);
/// Cleared, they begin with what the meter reads: `rtc` is its clock. Without its supply it reads
/// nothing, and they begin with the next window.
void clear_extremes(const MeterSpec& spec, const MeterMemory& memory,
                    std::span<const MeterState> states, CivilTime rtc, Extras& extras);
/// Another unit stands there.
void forget_overload(Extras& extras);
/// Whether a meter of the type keeps any of them.
bool has_extras(const MeterType& type);
/// How many temperatures of a circuit have extremes of their own.
std::size_t kept_temperatures(const MeterSpec& spec);
/// Pulses and times of windows that are over: `states` has the energies at their end, `metering` the readings
/// of the last one that was sampled, which say whether there is a load. Any number of windows give the same as
/// one after the other. `changing`: the samples of a window in which something changes, so that its pulses are
/// not spread evenly.
void count_on(const Metering& metering, const Window& windows,
              std::span<const MeterState* const> states, Extras& extras,
              const SampleBlock* changing = nullptr);
/// The readings of a window that was sampled, where the type keeps extremes; `rtc` is the meter's clock at its
/// end. What repeats it is no further out, but for its noise.
void keep_extremes(const Metering& metering, const MeterType& type, CivilTime rtc,
                   std::span<const MeterState* const> states, Extras& extras);

} // namespace kpmsim
