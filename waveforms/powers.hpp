#pragma once

#include "waveforms/spectrum.hpp"

#include <array>
#include <complex>
#include <cstddef>

namespace kpmsim {

/// z^0 to z^highest: what turns a wave by an angle, order by order. Four products side by side, so
/// that none waits for its neighbour.
///
/// error   below 1e-14 for a unit phasor
class Powers {
public:
    explicit Powers(std::complex<double> z, int highest = Spectrum::orders - 1) {
        of_[0] = 1.0;
        of_[1] = z;
        of_[2] = z * z;
        of_[3] = of_[2] * z;
        const std::complex<double> fourth = of_[2] * of_[2];
        for (std::size_t h = 4; h <= static_cast<std::size_t>(highest); ++h)
            of_[h] = of_[h - 4] * fourth;
    }
    const std::complex<double>& operator[](std::size_t h) const { return of_[h]; }

private:
    std::array<std::complex<double>, Spectrum::orders> of_;
};

} // namespace kpmsim
