#include "verification/paper_errors.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

namespace kpmsim {

namespace {

constexpr int counted_orders = 50;
constexpr int turned_orders = 31; ///< a transformer's angle is known up to here
constexpr double reference_celsius = 23;
/// IEC 61869-2, classes S: 1, 5, 20, 100 and 120 % of the rated current.
constexpr std::array<double, 5> points{0.01, 0.05, 0.2, 1, 1.2};

/// Straight lines between the points, level beyond them.
double between(const std::array<double, 5>& of, double level) {
    for (std::size_t n = 1; n < points.size(); ++n)
        if (level < points[n]) {
            const double from = std::max(level, points[0]);
            return of[n] + (of[n] - of[n - 1]) * (from - points[n]) / (points[n] - points[n - 1]);
        }
    return of.back();
}

} // namespace

Spectrum through_channel(const Spectrum& x, const ChannelErrors& e, double ambient_c,
                         double rated_a) {
    const double gain = 1 + e.gain + e.gain_per_k * (ambient_c - reference_celsius);
    Spectrum out;
    double square = 0;
    for (int h = 1; h <= counted_orders; ++h) {
        out[h] = x[h] * std::polar(gain, -h * e.phase_rad);
        square += std::norm(out[h]);
    }
    if (rated_a == 0)
        return out;
    const double level = std::sqrt(square) / rated_a;
    const double size = 1 + between(e.level.ct_ratio, level) - e.level.compression * level * level;
    const double lag = between(e.level.ct_phase_rad, level);
    for (int h = 1; h <= counted_orders; ++h)
        out[h] *= std::polar(size, h <= turned_orders ? -lag / h : 0);
    return out;
}

MeterErrors divided(const MeterErrors& errors, double factor) {
    MeterErrors out;
    out.crystal = errors.crystal / factor;
    out.crystal_per_k2 = errors.crystal_per_k2 / factor;
    for (std::size_t c = 0; c < out.channel.size(); ++c) {
        const ChannelErrors& from = errors.channel[c];
        ChannelErrors& to = out.channel[c];
        to.gain = from.gain / factor;
        to.phase_rad = from.phase_rad / factor;
        to.offset = from.offset / factor;
        to.noise_rms = from.noise_rms / factor;
        to.gain_per_k = from.gain_per_k / factor;
        to.bits = from.bits;
        to.level.compression = from.level.compression / factor;
        for (std::size_t n = 0; n < points.size(); ++n) {
            to.level.ct_ratio[n] = from.level.ct_ratio[n] / factor;
            to.level.ct_phase_rad[n] = from.level.ct_phase_rad[n] / factor;
        }
    }
    return out;
}

} // namespace kpmsim
