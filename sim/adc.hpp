#pragma once

#include "sim/random.hpp"
#include "sim/window.hpp"

#include <cstdint>
#include <span>

namespace kpmsim {

inline constexpr int adc_bits = 24;

/// One input of the meter's converter. An ideal one is the default; every error is put there on
/// purpose.
struct AdcChannel {
    double full_scale{1.0}; ///< peak V or A at the terminals that gives the largest code
    double noise_rms{
        0.0}; ///< white noise, fraction of full scale (ADE9000: 101 dB below a full-scale sine)
    double gain_error{0.0};      ///< fraction: 0.002 reads 0.2 % too much
    double phase_error_rad{0.0}; ///< of the fundamental, positive = the channel lags; a pure delay,
                                 ///< so order h sees h times it
    double offset{0.0};          ///< fraction of full scale
    int bits{adc_bits};          ///< 8 to 24; a coarser code stands in the upper ones of 24 bits
};

inline constexpr std::int32_t adc_max_code = (1 << (adc_bits - 1)) - 1;
inline constexpr double adc_noise_most = 0.105; ///< of full scale; noise_rms may not be more

/// What one channel's conversion met on its way.
struct AdcReport {
    int clipped{0}; ///< samples beyond full scale, stored as the largest code
};

/// Turns `rows` clean samples into window.samples() codes. A coherent block without noise stays
/// `rows` long (returns codes for one cycle only).
///
/// shape   in: block.channel(c); out: at least block.window.samples() codes
/// unit    code = sample * 2^23 / full scale, rounded to nearest, clamped to ±(2^23 - 1)
/// error   half a code, with noise 1/100 more; noise is the sum of four uniform 8-bit numbers (1021
///         steps of 0.0068 sigma, kurtosis 2.7, ends at 3.45 sigma), hashed from (stream, channel,
///         sample), so it depends on nothing but these
/// returns how many codes were written, and how many of them clipped; full scale itself does not
///         clip, it is stored as the largest code
/// With fewer bits a code is rounded once more, to their step of 2^(24 - bits), and its largest is
/// full scale less one of them.
/// A sample must be a number; infinite ones clip like any other.
struct Codes {
    int rows{0};
    AdcReport report;
};
Codes convert(const SampleBlock& block, int channel, const AdcChannel& adc, const Random& noise,
              std::uint64_t first_sample, std::span<std::int32_t> out);

} // namespace kpmsim
