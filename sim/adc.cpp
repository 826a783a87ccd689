// From the sample to the code.
//
// code = round(2^23 ((1 + gain_error) x + offset + noise_rms z)), clamped to ±(2^23 - 1)
//
// Without noise that is exact; with it the sum in the brackets is rounded to 1/128 of a code first
// (adc_kernels.cpp).
//
// z has mean 0 and deviation 1 and is the sum of four 8-bit numbers hashed from (stream, channel,
// index of the sample): four uniform numbers of 0..255 have the variance 4 (2^16 - 1) / 12.
// Whatever of the key is constant over 2^32 samples is mixed once into two 32-bit words, so that
// the loop hashes 32 bits only.
#include "sim/adc.hpp"
#include "sim/kernels.hpp"

#include <algorithm>
#include <cassert>

namespace kpmsim {

namespace {

constexpr double codes_per_unit = 0x1p23;
constexpr double deviation_of_four = 147.80054127099805; // sqrt((2^16 - 1) / 3)

NoiseKey noise_key(std::uint64_t stream, int channel, std::uint64_t epoch) {
    const std::uint64_t first =
        mix_bits(stream ^ mix_bits(epoch * 64 + static_cast<std::uint64_t>(channel) + 1));
    return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first >> 32)};
}

/// Rounds to whole steps of 2^shift, ties upwards.
void coarsen(std::span<std::int32_t> codes, int shift) {
    const std::int32_t half = 1 << (shift - 1);
    const std::int32_t most = adc_max_code >> shift << shift;
    for (std::int32_t& code : codes)
        code = std::clamp((code + half) >> shift << shift, -most, most);
}

} // namespace

Codes convert(const SampleBlock& block, int channel, const AdcChannel& adc, const Random& noise,
              std::uint64_t first_sample, std::span<std::int32_t> out) {
    assert(channel >= 0 && channel < block.channels && channel < 64);
    assert(block.rows == block.window.samples() || block.coherent());
    assert(out.size() >= static_cast<std::size_t>(block.window.samples()));

    assert(adc.bits >= 8 && adc.bits <= adc_bits);
    assert(adc.noise_rms >= 0 && adc.noise_rms <= adc_noise_most);
    const double* x = block.channel(channel).data();
    const CodeScale scale{codes_per_unit * (1 + adc.gain_error), codes_per_unit * adc.offset,
                          codes_per_unit * adc.noise_rms / deviation_of_four};
    const auto finish = [&](int rows, int clipped) {
        if (adc.bits < adc_bits)
            coarsen(out.first(static_cast<std::size_t>(rows)), adc_bits - adc.bits);
        return Codes{rows, {clipped}};
    };
    if (adc.noise_rms == 0)
        return finish(block.rows, kernels::convert_clean(x, block.rows, scale, out.data()));

    const int samples = block.window.samples();
    const int to_wrap = static_cast<int>(
        std::min<std::uint64_t>((std::uint64_t{1} << 32) - (first_sample & 0xFFFFFFFFu), 1 << 30));
    int clipped = 0;
    // Up to where the index's low half wraps, and from there: mostly all in one go.
    for (int done = 0; done < samples;) {
        const int row = done % block.rows;
        const int left = (done < to_wrap ? std::min(samples, to_wrap) : samples) - done;
        const int run = std::min(block.rows - row, left);
        const int times = row == 0 ? std::max(1, left / block.rows) : 1;
        const std::uint64_t index = first_sample + static_cast<std::uint64_t>(done);
        clipped += kernels::convert_noisy(x + row, run, times, scale,
                                          noise_key(noise.key(), channel, index >> 32),
                                          static_cast<std::uint32_t>(index), out.data() + done);
        done += run * times;
    }
    return finish(samples, clipped);
}

} // namespace kpmsim
