#include "sim/adc.hpp"
#include "sim/kernels.hpp"

#include <algorithm>
#include <cmath>

// Samples are numbers, +0 is -0, and nobody traps: with that leave y < far ? y : far is one
// instruction and not a branch that keeps the loop from becoming vectors. No value changes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-trapping-math", "finite-math-only", "no-signed-zeros")
#endif

namespace kpmsim::kernels {

namespace {

// y + magic has its last bit at 2^0: the addition rounds y to the nearest integer (ties to even),
// which then stands in the low half of the sum's bits; good for |y| < 2^31.
constexpr double magic = 0x1.8p52;
// Beyond any code, inside an int32.
constexpr double far = 0x1p30;
constexpr std::int32_t full_scale = 1 << (adc_bits - 1);
/// Samples whose noise is at hand at a time.
constexpr int stretch = 128;

KPMSIM_LOOP std::int32_t rounded(double y) {
    return static_cast<std::int32_t>(__builtin_bit_cast(std::int64_t, y + magic));
}

KPMSIM_LOOP std::int32_t rounded_within(double y) {
    y = y < far ? y : far;
    y = y > -far ? y : -far;
    return rounded(y);
}

KPMSIM_LOOP std::int32_t clamped(std::int32_t t) {
    t = t < adc_max_code ? t : adc_max_code;
    return t > -adc_max_code ? t : -adc_max_code;
}

KPMSIM_LOOP int beyond(std::int32_t t) {
    return static_cast<int>(t > full_scale) + static_cast<int>(t < -full_scale);
}

// Four 8-bit numbers from a sample's index n, added: the bytes of a 32-bit word that is a keyed
// bijection of n (multiply, fold the high bits down, add a key, and again). The loop steps
// w = (n + key.a) * step, which saves it the first multiplication.
constexpr std::uint32_t step = 0x9E3779B1u;
constexpr double mean_of_four = 510;

KPMSIM_LOOP std::int32_t four_from(std::uint32_t w, const NoiseKey& key) {
    std::uint32_t x = ((w ^ (w >> 15)) + key.b) * 0x85EBCA77u;
    x = (x ^ (x >> 13)) * 0xC2B2AE3Du;
    x ^= x >> 16;
    const std::uint32_t pairs = (x & 0x00FF00FFu) + (x >> 8 & 0x00FF00FFu);
    return static_cast<std::int32_t>((pairs & 0xFFFF) + (pairs >> 16));
}

// With noise a code is worked out in whole steps of 1/128 of a code, in 32 bits:
//     code = (clean + (z multiplier >> shift) + 64) >> 7,
// z < 2^10 and multiplier < 2^21, which is within 2^-21 of the noise asked for. The clean sample is
// stopped at 1.25 of full scale, which leaves room for adc_noise_most and is clipping all the same.
constexpr double steps = 128;
constexpr double clean_most = 1.25 * 0x1p30;

struct NoiseScale {
    std::int32_t multiplier;
    int shift;
};

KPMSIM_LOOP NoiseScale noise_scale(double codes_per_unit) {
    double multiplier = codes_per_unit * steps;
    int shift = 0;
    while (shift < 20 && multiplier < 0x1p20) {
        multiplier *= 2;
        ++shift;
    }
    return {rounded(multiplier), shift};
}

/// Whether no sample can come near full scale, whatever its noise.
KPMSIM_LOOP bool stays_inside(const double* x, int n, const CodeScale& s) {
    double most = 0;
    for (int i = 0; i < n; ++i) {
        const double size = x[i] < 0 ? -x[i] : x[i];
        most = size > most ? size : most;
    }
    return most * s.scale + std::abs(s.offset) + mean_of_four * s.noise < adc_max_code - 2;
}

KPMSIM_LOOP int convert_clean_loop(const double* x, int n, const CodeScale& s,
                                   std::int32_t* codes) {
    const double scale = s.scale;
    const double offset = s.offset;
    int clipped = 0;
    for (int i = 0; i < n; ++i) {
        const std::int32_t t = rounded_within(x[i] * scale + offset);
        clipped += beyond(t);
        codes[i] = clamped(t);
    }
    return clipped;
}

// A stretch at a time: its noise first, then the codes in the same place.
KPMSIM_LOOP int convert_noisy_loop(const double* x, int n, int times, const CodeScale& s,
                                   const NoiseKey& k, std::uint32_t first, std::int32_t* codes) {
    const double scale = s.scale * steps;
    // Half a step for what the shift cuts off, and half a code for the rounding.
    const double offset = (s.offset - mean_of_four * s.noise) * steps + 0.5 + 64;
    const auto [multiplier, shift] = noise_scale(s.noise);
    const NoiseKey key = k;
    const bool inside = stays_inside(x, n, s);
    int clipped = 0;
    for (int from = 0; from < n; from += stretch) {
        const int length = std::min(stretch, n - from);
        const double* __restrict in = x + from;
        alignas(64) std::int32_t clean[stretch];
        for (int i = 0; i < length; ++i) {
            double y = in[i] * scale + offset;
            y = y < clean_most ? y : clean_most;
            y = y > -clean_most ? y : -clean_most;
            clean[i] = rounded(y);
        }
        for (int m = 0; m < times; ++m) {
            const int at = m * n + from;
            const std::uint32_t w = (first + static_cast<std::uint32_t>(at) + key.a) * step;
            std::int32_t* __restrict out = codes + at;
            for (int i = 0; i < length; ++i)
                out[i] = four_from(w + static_cast<std::uint32_t>(i) * step, key);
            if (inside)
                for (int i = 0; i < length; ++i)
                    out[i] = (clean[i] + (out[i] * multiplier >> shift)) >> 7;
            else
                for (int i = 0; i < length; ++i) {
                    const std::int32_t t = (clean[i] + (out[i] * multiplier >> shift)) >> 7;
                    clipped += beyond(t);
                    out[i] = clamped(t);
                }
        }
    }
    return clipped;
}

} // namespace

KPMSIM_KERNEL(int, convert_clean, (const double* x, int n, const CodeScale& s, std::int32_t* codes),
              (x, n, s, codes))
KPMSIM_KERNEL(int, convert_noisy,
              (const double* x, int n, int times, const CodeScale& s, const NoiseKey& key,
               std::uint32_t first, std::int32_t* codes),
              (x, n, times, s, key, first, codes))

} // namespace kpmsim::kernels
