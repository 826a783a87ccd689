#pragma once

#include "sim/window.hpp"

#include <functional>

namespace kpmsim {

/// 50 or 60: which of the two a meter takes a frequency for.
inline double nominal_of(double hz) { return hz < 55.0 ? 50.0 : 60.0; }

/// The samples of a window that begins at `begin`: three voltages first. It may shorten the window a
/// little to fit; false when it is not all there.
using FirstBlock = std::function<bool(Window& window, SampleBlock& block)>;

/// The frequency of the first window of a recording: the sample clock is set to what was measured
/// and the window measured again, until nothing moves. Without a voltage it is `nominal_hz`.
double first_frequency(double nominal_hz, SimTime begin, const FirstBlock& block);

} // namespace kpmsim
