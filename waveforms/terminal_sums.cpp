// Over whole cycles sines of different order are orthogonal, as long as both are below half the
// rate (50 < 64), so that with x[n] = sqrt2 Im sum X_h e^(j h theta_n)
//
//     mean x y = sum over h of Re X_h conj(Y_h),
//
// and a channel's codes are 2^23 (1 + gain) / full scale of its input, each order turned by h times
// the phase error. DC is taken out by the metering, and so is left out here.
#include "waveforms/terminal_sums.hpp"

#include "waveforms/sine.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

using Complex = std::complex<double>;

/// A channel in codes; orders above `highest` are 0.
struct InCodes {
    Spectrum x;
    int highest{0};
};

InCodes in_codes(const Spectrum& terminal, const AdcChannel& adc) {
    InCodes out;
    const double gain = 0x1p23 * (1.0 + adc.gain_error) / adc.full_scale;
    const bool delayed = adc.phase_error_rad != 0.0;
    const Complex delay = phasor(Turn{} - turn_of_radians(adc.phase_error_rad));
    Complex turned = gain;
    for (int h = 1; h < Spectrum::orders; ++h) {
        if (delayed)
            turned *= delay;
        out.x[h] = terminal[h] * turned;
        if (terminal[h] != Complex{})
            out.highest = h;
    }
    return out;
}

double mean_product(const InCodes& x, const InCodes& y) {
    double sum = 0.0;
    for (int h = 1; h <= std::min(x.highest, y.highest); ++h)
        sum += x.x[h].real() * y.x[h].real() + x.x[h].imag() * y.x[h].imag();
    return sum;
}

} // namespace

void terminal_sums(const TerminalSpectra& terminals, const MeteringConfig& config, int samples,
                   WindowSums& sums) {
    std::array<InCodes, max_channels> of;
    const ChannelList list = config.channels();
    const auto channels = static_cast<std::size_t>(list.size());
    sums = {};
    sums.samples = samples;
    for (std::size_t c = 0; c < channels; ++c) {
        of[c] = in_codes(terminals.channel[c], config.adc[c]);
        sums.square[c] = mean_product(of[c], of[c]);
        for (int h = 1; h <= max_harmonic; ++h)
            sums.x[c][static_cast<std::size_t>(h)] = of[c].x[h];
    }
    const auto product_of = [&](int x, int y) {
        return mean_product(of[static_cast<std::size_t>(x)], of[static_cast<std::size_t>(y)]);
    };
    for (int c = list.phases; c < list.size(); ++c)
        if (const MeteredChannel current = list[c]; current.of == MeteredChannel::Of::current)
            sums.ui[static_cast<std::size_t>(c)] = product_of(current.phase, c);
    if (list.phases == 1)
        return;
    for (int k = 0; k < 3; ++k)
        sums.uu[static_cast<std::size_t>(k)] = product_of(k, (k + 1) % 3);
    for (int n = 0; n < list.circuits; ++n)
        sums.ac[static_cast<std::size_t>(n)] = product_of(list.current(n, 0), list.current(n, 2));
}

} // namespace kpmsim
