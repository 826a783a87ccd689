#pragma once

#include <complex>

namespace kpmsim {

/// The angle of z, rad, in (-pi, pi]; not a number for 0. The truth's own: nothing of it is the
/// metering's (sim/angle.hpp). The same bits on every machine.
///
/// error   3e-15 rad: 15 roundings of an angle up to pi / 2, and the last turn's
double argument(const std::complex<double>& z);

} // namespace kpmsim
