#include "waveforms/supply_tones.hpp"

#include "sim/kernel_level.hpp"
#include "waveforms/phase_step.hpp"
#include "waveforms/sine.hpp"

#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>

namespace kpmsim {
namespace {

using Complex = std::complex<double>;

KPMSIM_LOOP void add_tone_loop(int rows, std::uint64_t start, std::uint64_t step,
                               const std::array<double, 3>& a, const std::array<double, 3>& b,
                               double* __restrict x, double* __restrict y, double* __restrict z) {
    for (int n = 0; n < rows; ++n) {
        const SinCos sc = sin_cos({start + static_cast<std::uint64_t>(n) * step});
        x[n] += a[0] * sc.sin + b[0] * sc.cos;
        y[n] += a[1] * sc.sin + b[1] * sc.cos;
        z[n] += a[2] * sc.sin + b[2] * sc.cos;
    }
}

KPMSIM_KERNEL(void, add_tone,
              (int rows, std::uint64_t start, std::uint64_t step, const std::array<double, 3>& a,
               const std::array<double, 3>& b, double* x, double* y, double* z),
              (rows, start, step, a, b, x, y, z))

std::uint64_t tone_step(const Interharmonic& tone, const Window& window) {
    const double turns = tone.hz * 1e-9 * static_cast<double>(window.length.count());
    const auto whole = static_cast<std::int64_t>(std::floor(turns));
    const __int128 turned =
        (static_cast<__int128>(whole) << 64) + turn_of(turns - static_cast<double>(whole)).raw;
    return step_per_row(turned, window.samples());
}

/// White noise of deviation 1 for one phase and sample: the sum of the four 16-bit quarters of a
/// hash (two rounds of multiply and shift), centred and scaled. Their sum has variance
/// 4 (2^32 - 1) / 12.
inline double unit_noise(std::uint64_t key, std::uint64_t n) {
    std::uint64_t x = key + n * 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    x ^= x >> 31;
    const auto sum = static_cast<std::int32_t>((x & 0xffff) + (x >> 16 & 0xffff) +
                                               (x >> 32 & 0xffff) + (x >> 48));
    return static_cast<double>(2 * sum - 4 * 65535) * (0.5 * 1.0 / 37837.2274);
}

KPMSIM_LOOP void add_noise_loop(int rows, const std::array<std::uint64_t, 3>& key,
                                std::uint64_t first, const Leads& gain, double* __restrict x,
                                double* __restrict y, double* __restrict z) {
    for (int n = 0; n < rows; ++n) {
        const std::uint64_t at = first + static_cast<std::uint64_t>(n);
        const double a = unit_noise(key[0], at);
        const double b = unit_noise(key[1], at);
        const double c = unit_noise(key[2], at);
        x[n] += gain[0][0] * a + gain[0][1] * b + gain[0][2] * c;
        y[n] += gain[1][0] * a + gain[1][1] * b + gain[1][2] * c;
        z[n] += gain[2][0] * a + gain[2][1] * b + gain[2][2] * c;
    }
}

KPMSIM_KERNEL(void, add_noise,
              (int rows, const std::array<std::uint64_t, 3>& key, std::uint64_t first,
               const Leads& gain, double* x, double* y, double* z),
              (rows, key, first, gain, x, y, z))

} // namespace

void add_tones(const SupplyWindow& supply, const Leads& leads, double pt_ratio,
               std::span<const AdcChannel> adc, const ThreeChannels& out) {
    const int rows = supply.window.samples();
    for (const Interharmonic& tone : supply.interharmonics) {
        std::array<double, 3> a{};
        std::array<double, 3> b{};
        for (std::size_t c = 0; c < 3; ++c) {
            Complex x = 0.0;
            for (std::size_t p = 0; p < 3; ++p)
                x += leads[c][p] * supply.tone_factor[p];
            const double order = tone.hz / supply.f_hz;
            x *= phasor(Turn{} - turn_of_radians(order * adc[c].phase_error_rad));
            x *= std::numbers::sqrt2 * tone.fraction / (pt_ratio * adc[c].full_scale);
            a[c] = x.real();
            b[c] = x.imag();
        }
        add_tone(rows, turn_of_degrees(tone.angle_deg).raw, tone_step(tone, supply.window), a, b,
                 out[0], out[1], out[2]);
    }
}

void add_supply_noise(const SupplyWindow& supply, const Random& stream, const Leads& leads,
                      double pt_ratio, std::span<const AdcChannel> adc, const ThreeChannels& out) {
    const std::array<std::uint64_t, 3> key{Random{stream.key(), "noise a"}.key(),
                                           Random{stream.key(), "noise b"}.key(),
                                           Random{stream.key(), "noise c"}.key()};
    Leads gain{};
    for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t p = 0; p < 3; ++p)
            gain[c][p] = leads[c][p] * supply.noise_v / (pt_ratio * adc[c].full_scale);
    add_noise(supply.window.samples(), key, supply.first_sample, gain, out[0], out[1], out[2]);
}

} // namespace kpmsim
