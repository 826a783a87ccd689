#pragma once

#include "models/engine/image.hpp"

namespace kpmsim {

/// What a meter shows of the past: a freeze, days, months' power factors and hours.
double recorded(const MeterView& meter, const Point& point, int circuit);
/// Whether it means anything: nothing before the first freeze, no power factor without energy; 0 then.
bool has_record(const MeterView& meter, const Point& point, int circuit);

} // namespace kpmsim
