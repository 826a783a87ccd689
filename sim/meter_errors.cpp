// Errors are small, so they add: (1 + a)(1 + b) is taken for 1 + a + b, which at 0.5 % each is
// wrong by 25 ppm of the reading and by no more than a hundredth of the errors themselves.
#include "sim/meter_errors.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

double MeterErrors::crystal_at(double ambient_c) const {
    const double away = ambient_c - reference_c;
    return crystal + crystal_per_k2 * away * away;
}

MeterErrors scaled(MeterErrors errors, double factor) {
    for (ChannelErrors& c : errors.channel) {
        for (double* value :
             {&c.gain, &c.phase_rad, &c.offset, &c.noise_rms, &c.gain_per_k, &c.level.compression})
            *value *= factor;
        for (std::size_t n = 0; n < ct_levels.size(); ++n) {
            c.level.ct_ratio[n] *= factor;
            c.level.ct_phase_rad[n] *= factor;
        }
    }
    errors.crystal *= factor;
    errors.crystal_per_k2 *= factor;
    return errors;
}

double noise_sum(double a_rms, double b_rms) {
    // One alone keeps its last bit.
    if (a_rms == 0 || b_rms == 0)
        return a_rms + b_rms;
    return std::sqrt(a_rms * a_rms + b_rms * b_rms);
}

void add_errors(const MeterErrors& errors, double ambient_c, MeteringConfig& config) {
    for (std::size_t n = 0; n < errors.channel.size(); ++n) {
        const ChannelErrors& more = errors.channel[n];
        AdcChannel& adc = config.adc[n];
        adc.gain_error += more.gain + more.gain_per_k * (ambient_c - reference_c);
        adc.phase_error_rad += more.phase_rad;
        adc.offset += more.offset;
        adc.noise_rms = noise_sum(adc.noise_rms, more.noise_rms);
        adc.bits = std::min(adc.bits, more.bits);
        LevelErrors& level = config.level[n];
        level.compression += more.level.compression;
        for (std::size_t k = 0; k < ct_levels.size(); ++k) {
            level.ct_ratio[k] += more.level.ct_ratio[k];
            level.ct_phase_rad[k] += more.level.ct_phase_rad[k];
        }
    }
    config.clock_error += errors.crystal_at(ambient_c);
}

} // namespace kpmsim
