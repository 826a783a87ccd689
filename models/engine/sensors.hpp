#pragma once

#include "models/engine/memory.hpp"
#include "models/engine/meter_spec.hpp"

#include <optional>

namespace kpmsim {

/// The temperature at a circuit's sensor, by its farm file or an action; nothing where there is none, or
/// its lead is open.
std::optional<double> celsius_at(const MeterSpec& spec, const MeterMemory& memory, int circuit,
                                 int sensor);

/// What a temperature input shows for it: the temperature, or that of a thermistor in the converter's
/// steps. An open input reads what the type says.
double shown_celsius(const MeterType& type, std::optional<double> celsius);

} // namespace kpmsim
