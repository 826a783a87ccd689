#pragma once

#include "sim/adc.hpp"
#include "waveforms/spectrum.hpp"

#include <array>

namespace kpmsim {

/// What one channel's samples are made of, as a converter with this full scale and delay sees them:
///     x(theta) = offset + sum over h of a[h] sin(h theta) + b[h] cos(h theta).
/// unit    fraction of full scale; [0] is not used
struct Coefficients {
    std::array<double, Spectrum::orders> a{};
    std::array<double, Spectrum::orders> b{};
    double offset{0.0};
    int highest{0}; ///< order that is not zero

    bool has(std::size_t h) const { return a[h] != 0.0 || b[h] != 0.0; }
};

Coefficients coefficients(const Spectrum& x, const AdcChannel& adc);

} // namespace kpmsim
