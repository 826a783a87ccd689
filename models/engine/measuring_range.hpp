#pragma once

#include "models/engine/image.hpp"

namespace kpmsim {

/// Bits of the voltages that read below the measuring range, or above it: a, b, c to neutral, then ab,
/// bc, ca. A voltage that is not there is below; what a meter in delta has not is in no range.
///
/// unit    readings at the terminals: those shown over PT
/// source  KPM312 manual 1.2 and data sheet, KPM37 manual 1.2
unsigned below_range(const MeterView& meter, int circuit);
unsigned above_range(const MeterView& meter, int circuit);

} // namespace kpmsim
