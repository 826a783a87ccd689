#pragma once

#include "waveforms/spectrum.hpp"

#include <array>
#include <complex>
#include <cstddef>

namespace kpmsim {

/// z^0 to z^50: what turns a wave by an angle, order by order. Four products side by side, so that
/// none waits for its neighbour.
///
/// error   below 1e-14 for a unit phasor
class Powers {
public:
    explicit Powers(std::complex<double> z) : of_{1.0, z, z * z, z * z * z} {
        const std::complex<double> fourth = of_[2] * of_[2];
        for (std::size_t h = 4; h < of_.size(); ++h)
            of_[h] = of_[h - 4] * fourth;
    }
    const std::complex<double>& operator[](std::size_t h) const { return of_[h]; }

private:
    std::array<std::complex<double>, Spectrum::orders> of_;
};

} // namespace kpmsim
