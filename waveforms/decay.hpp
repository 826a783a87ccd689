#pragma once

namespace kpmsim {

/// e^-x for x >= 0, the same bits on every machine.
///
/// error   below 1e-15 of the value
double decayed(double x);

} // namespace kpmsim
