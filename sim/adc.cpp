// From the sample to the code.
//
// code = round(2^23 ((1 + gain_error) x + offset + noise_rms z)), clamped to ±(2^23 - 1)
//
// z has mean 0 and deviation 1 and is the sum of four 16-bit numbers hashed from (stream, channel,
// index of the sample): four uniform numbers of 0..65535 have the variance 4 (2^32 - 1) / 12.
// Whatever of the key is constant over 2^32 samples is mixed once into three 32-bit words, so that
// the loop hashes 32 bits only.
#include "sim/adc.hpp"
#include "sim/kernels.hpp"

#include <algorithm>
#include <cassert>

namespace kpmsim {

namespace {

constexpr double codes_per_unit = 0x1p23;
constexpr double deviation_of_four = 1 / 2.6428997921303017e-5; // sqrt((2^32 - 1) / 3)

NoiseKey noise_key(std::uint64_t stream, int channel, std::uint64_t epoch) {
    const std::uint64_t first =
        mix_bits(stream ^ mix_bits(epoch * 64 + static_cast<std::uint64_t>(channel) + 1));
    const std::uint64_t second = mix_bits(first + 0x9E3779B97F4A7C15u);
    return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first >> 32),
            static_cast<std::uint32_t>(second)};
}

} // namespace

Codes convert(const SampleBlock& block, int channel, const AdcChannel& adc, const Random& noise,
              std::uint64_t first_sample, std::span<std::int32_t> out) {
    assert(channel >= 0 && channel < block.channels && channel < 64);
    assert(block.rows == block.window.samples() || block.coherent());
    assert(out.size() >= static_cast<std::size_t>(block.window.samples()));

    const double* x = block.channel(channel).data();
    const CodeScale scale{codes_per_unit * (1 + adc.gain_error), codes_per_unit * adc.offset,
                          codes_per_unit * adc.noise_rms / deviation_of_four};
    if (adc.noise_rms == 0)
        return {block.rows, {kernels::convert_clean(x, block.rows, scale, out.data())}};

    const int samples = block.window.samples();
    int clipped = 0;
    for (int done = 0; done < samples;) {
        // One run of the kernel: to the end of the rows at hand, or to where the index's low half
        // wraps.
        const int row = done % block.rows;
        const std::uint64_t index = first_sample + static_cast<std::uint64_t>(done);
        const std::uint64_t to_wrap = (std::uint64_t{1} << 32) - (index & 0xFFFFFFFFu);
        const int run =
            static_cast<int>(std::min(static_cast<std::uint64_t>(block.rows - row), to_wrap));
        clipped += kernels::convert_noisy(x + row, run, scale,
                                          noise_key(noise.key(), channel, index >> 32),
                                          static_cast<std::uint32_t>(index), out.data() + done);
        done += run;
    }
    return {samples, {clipped}};
}

} // namespace kpmsim
