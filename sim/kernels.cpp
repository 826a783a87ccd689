#include "sim/kernels.hpp"
#include "sim/adc.hpp"
#include "sim/window.hpp"

// Versions for the machine at hand, chosen by the loader. Only GCC makes them, and a sanitizer
// cannot live with the choice.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(KPMSIM_ONE_KERNEL)
#define KPMSIM_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KPMSIM_KERNEL
#endif

// A comparison of doubles may be made for a sample whose result is then thrown away: no value
// changes, and without this leave GCC keeps the branch and makes no vectors.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-trapping-math")
#endif

namespace kpmsim::kernels {

namespace {

// y + magic has its last bit at 2^0, so that the addition rounds y to the nearest integer (ties to
// even) without a call; good for |y| < 2^51.
constexpr double magic = 0x1.8p52;
// Beyond any code, inside an int32.
constexpr double far = 0x1p30;
constexpr std::int32_t full_scale = 1 << (adc_bits - 1);

inline std::int32_t rounded(double y) {
    y = y < far ? y : far; // also what is not a number
    y = y > -far ? y : -far;
    return static_cast<std::int32_t>((y + magic) - magic);
}

inline std::int32_t clamped(std::int32_t t) {
    t = t < adc_max_code ? t : adc_max_code;
    return t > -adc_max_code ? t : -adc_max_code;
}

inline int beyond(std::int32_t t) {
    return static_cast<int>(t > full_scale) + static_cast<int>(t < -full_scale);
}

// Four 16-bit numbers from a sample's index, added, less their mean: two 32-bit words, each a keyed
// bijection of the index (multiply, fold the high bits down, add a key, and again).
inline std::int32_t noise_of(std::uint32_t n, const NoiseKey& key) {
    std::uint32_t x = (n + key.a) * 0x9E3779B1u;
    x = ((x ^ (x >> 15)) + key.b) * 0x85EBCA77u;
    x = (x ^ (x >> 13)) * 0xC2B2AE3Du;
    x ^= x >> 16;
    std::uint32_t y = (x + key.c) * 0x27D4EB2Fu;
    y ^= y >> 15;
    return static_cast<std::int32_t>((x & 0xFFFF) + (x >> 16) + (y & 0xFFFF) + (y >> 16)) - 131070;
}

constexpr int lanes = 8;
typedef double Lanes __attribute__((vector_size(lanes * sizeof(double))));
// Read where it stands, aligned or not.
typedef double LanesAnywhere
    __attribute__((vector_size(lanes * sizeof(double)), aligned(sizeof(double)), may_alias));

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
    const double offset = s.offset;
    const double noise = s.noise;
    const NoiseKey key = k;
    int clipped = 0;
    for (int i = 0; i < n; ++i) {
        const std::int32_t z = noise_of(first + static_cast<std::uint32_t>(i), key);
        const std::int32_t t = rounded(x[i] * scale + offset + static_cast<double>(z) * noise);
        clipped += beyond(t);
        codes[i] = clamped(t);
    }
    return clipped;
}

KPMSIM_KERNEL std::int64_t fold_and_square(const std::int32_t* x, int cycles, std::int32_t* fold) {
    std::int64_t square = 0;
    for (int k = 0; k < samples_per_cycle; ++k)
        fold[k] = 0;
    for (int m = 0; m < cycles; ++m)
        for (int k = 0; k < samples_per_cycle; ++k) {
            const std::int32_t v = x[m * samples_per_cycle + k];
            fold[k] += v;
            square += static_cast<std::int64_t>(v) * v;
        }
    return square;
}

KPMSIM_KERNEL std::int64_t product(const std::int32_t* x, const std::int32_t* y, int cycles) {
    std::int64_t sum = 0;
    for (int i = 0; i < cycles * samples_per_cycle; ++i)
        sum += static_cast<std::int64_t>(x[i]) * y[i];
    return sum;
}

KPMSIM_KERNEL PhasorSum correlate_half_cycle(const double* x, const double* cosine,
                                             const double* sine) {
    // Eight sums side by side: the order of the additions is this, whatever the machine.
    Lanes re{};
    Lanes im{};
    for (int i = 0; i < samples_per_cycle / 2; i += lanes) {
        const Lanes v = *reinterpret_cast<const LanesAnywhere*>(x + i);
        re += v * *reinterpret_cast<const LanesAnywhere*>(cosine + i);
        im -= v * *reinterpret_cast<const LanesAnywhere*>(sine + i);
    }
    PhasorSum sum;
    for (int l = 0; l < lanes; ++l) {
        sum.re += re[l];
        sum.im += im[l];
    }
    return sum;
}

} // namespace kpmsim::kernels
