#pragma once

#include "models/engine/image.hpp"

#include <optional>

namespace kpmsim {

/// The temperature at a circuit's sensor, by its farm file or an action; nothing where there is none, or
/// its lead is open.
std::optional<double> celsius_at(const MeterSpec& spec, const MeterMemory& memory, int circuit,
                                 int sensor);

/// What a temperature input shows for it: the temperature, or that of a thermistor in the converter's
/// steps. An open input reads what the type says.
double shown_celsius(const MeterType& type, std::optional<double> celsius);
/// … of a unit that has drawn errors: in all within the type's SensorLimits.
double shown_celsius(const MeterSpec& spec, int circuit, int sensor, std::optional<double> celsius);

/// Bits of a circuit's sensors that read below their range, or above it: temperatures 1 to 4 by bits 0 to
/// 3, the residual current by bit 4. An open input is not there, and in no range.
///
/// unit    as read, degC and A
/// source  KPM37 manual 3.6, 3.7
unsigned sensors_below_range(const MeterView& meter, int circuit);
unsigned sensors_above_range(const MeterView& meter, int circuit);

} // namespace kpmsim
