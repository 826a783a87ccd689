#pragma once

#include "sim/meter_errors.hpp"
#include "waveforms/spectrum.hpp"

namespace kpmsim {

/// What a channel makes of a wave, by the errors that it was given: gains and their drift, a delay,
/// and a transformer whose ratio and angle hang on the current. `rated_a` at the primary; 0 = a
/// voltage, which has no transformer's errors.
///
/// source  docs/explanation/meter-errors.md; written from there and from IEC 61869-2's points
Spectrum through_channel(const Spectrum& x, const ChannelErrors& errors, double ambient_c,
                         double rated_a);

/// A unit whose errors are a `factor`th of these.
MeterErrors divided(const MeterErrors& errors, double factor);

} // namespace kpmsim
