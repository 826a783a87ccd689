#include "sim/adc.hpp"
#include "sim/kernels.hpp"

// Samples are numbers, +0 is -0, and nobody traps: with that leave y < far ? y : far is one
// instruction and not a branch that keeps the loop from becoming vectors. No value changes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-trapping-math", "finite-math-only", "no-signed-zeros")
#endif

namespace kpmsim::kernels {

namespace {

// y + magic has its last bit at 2^0, so that the addition rounds y to the nearest integer (ties to
// even) without a call; good for |y| < 2^51.
constexpr double magic = 0x1.8p52;
// Beyond any code, inside an int32.
constexpr double far = 0x1p30;
constexpr std::int32_t full_scale = 1 << (adc_bits - 1);

[[gnu::always_inline]] inline std::int32_t rounded(double y) {
    y = y < far ? y : far;
    y = y > -far ? y : -far;
    return static_cast<std::int32_t>((y + magic) - magic);
}

[[gnu::always_inline]] inline std::int32_t clamped(std::int32_t t) {
    t = t < adc_max_code ? t : adc_max_code;
    return t > -adc_max_code ? t : -adc_max_code;
}

[[gnu::always_inline]] inline int beyond(std::int32_t t) {
    return static_cast<int>(t > full_scale) + static_cast<int>(t < -full_scale);
}

// Four 16-bit numbers from a sample's index n, added: two 32-bit words, each a keyed bijection of n
// (multiply, fold the high bits down, add a key, and again). The loop steps w = (n + key.a) * step,
// which saves it the first multiplication.
constexpr std::uint32_t step = 0x9E3779B1u;
constexpr double mean_of_four = 131070;

[[gnu::always_inline]] inline std::int32_t four_from(std::uint32_t w, const NoiseKey& key) {
    std::uint32_t x = ((w ^ (w >> 15)) + key.b) * 0x85EBCA77u;
    x = (x ^ (x >> 13)) * 0xC2B2AE3Du;
    x ^= x >> 16;
    std::uint32_t y = (x + key.c) * 0x27D4EB2Fu;
    y ^= y >> 15;
    return static_cast<std::int32_t>((x & 0xFFFF) + (x >> 16) + (y & 0xFFFF) + (y >> 16));
}

} // namespace

KPMSIM_KERNEL int convert_clean(const double* x, int n, const CodeScale& s, std::int32_t* codes) {
    const double scale = s.scale;
    const double offset = s.offset;
    int clipped = 0;
    for (int i = 0; i < n; ++i) {
        const std::int32_t t = rounded(x[i] * scale + offset);
        clipped += beyond(t);
        codes[i] = clamped(t);
    }
    return clipped;
}

KPMSIM_KERNEL int convert_noisy(const double* x, int n, const CodeScale& s, const NoiseKey& k,
                                std::uint32_t first, std::int32_t* codes) {
    const double scale = s.scale;
    const double offset = s.offset - mean_of_four * s.noise;
    const double noise = s.noise;
    const NoiseKey key = k;
    std::uint32_t w = (first + key.a) * step;
    int clipped = 0;
    for (int i = 0; i < n; ++i, w += step) {
        const auto z = static_cast<double>(four_from(w, key));
        const std::int32_t t = rounded(x[i] * scale + offset + z * noise);
        clipped += beyond(t);
        codes[i] = clamped(t);
    }
    return clipped;
}

} // namespace kpmsim::kernels
