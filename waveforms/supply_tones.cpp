#include "waveforms/supply_tones.hpp"

#include "waveforms/kernels.hpp"
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

std::uint64_t tone_step(const Interharmonic& tone, const Window& window) {
    const double turns = tone.hz * 1e-9 * static_cast<double>(window.length.count());
    const auto whole = static_cast<std::int64_t>(std::floor(turns));
    const __int128 turned =
        (static_cast<__int128>(whole) << 64) + turn_of(turns - static_cast<double>(whole)).raw;
    return step_per_row(turned, window.samples());
}

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
        kernels::add_tone(rows, turn_of_degrees(tone.angle_deg).raw, tone_step(tone, supply.window),
                          a, b, out[0], out[1], out[2]);
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
    kernels::add_noise(supply.window.samples(), key, supply.first_sample, gain, out[0], out[1],
                       out[2]);
}

} // namespace kpmsim
