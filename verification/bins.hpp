#pragma once

#include "quality/power_ieee1459.hpp"

#include <span>

namespace kpmsim {

/// DC and orders 1 to 50 of one window's rows, locked sampling, 10 or 12 cycles.
OrderPhasors order_phasors(std::span<const double> rows, int cycles);

} // namespace kpmsim
