// sqrt(2) Im{ X e^(j h theta) } = sqrt(2) (Re X sin h theta + Im X cos h theta), so
//     a_h + j b_h = sqrt(2) X_h e^(-j h delay) / full scale.
#include "waveforms/coefficients.hpp"

#include "waveforms/powers.hpp"
#include "waveforms/sine.hpp"

#include <complex>
#include <numbers>

namespace kpmsim {

Coefficients coefficients(const Spectrum& x, const AdcChannel& adc) {
    Coefficients out;
    out.offset = x[0].real() / adc.full_scale;
    const double gain = std::numbers::sqrt2 / adc.full_scale;
    out.highest = Spectrum::orders - 1;
    while (out.highest > 0 && x[out.highest] == 0.0)
        --out.highest;
    const auto end = static_cast<std::size_t>(out.highest) + 1;
    for (std::size_t h = 1; h < end; ++h) {
        out.a[h] = gain * x.rms[h].real();
        out.b[h] = gain * x.rms[h].imag();
    }
    if (adc.phase_error_rad != 0.0) {
        const Powers turned{phasor(Turn{} - turn_of_radians(adc.phase_error_rad)), out.highest};
        for (std::size_t h = 1; h < end; ++h) {
            const std::complex<double> c = std::complex<double>{out.a[h], out.b[h]} * turned[h];
            out.a[h] = c.real();
            out.b[h] = c.imag();
        }
    }
    return out;
}

} // namespace kpmsim
