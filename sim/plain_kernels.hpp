#pragma once

#include "sim/adc.hpp"
#include "sim/folded_dft.hpp"
#include "sim/kernels.hpp"
#include "sim/window.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace kpmsim::plain {

// What the kernels do, in the plainest words: one sample after the other. The tests hold every
// level of every kernel to these, bit by bit.

inline double noise_of(std::uint32_t index, const NoiseKey& key) {
    std::uint32_t x = (index + key.a) * 0x9E3779B1u;
    x = ((x ^ (x >> 15)) + key.b) * 0x85EBCA77u;
    x = (x ^ (x >> 13)) * 0xC2B2AE3Du;
    x = x ^ (x >> 16);
    return static_cast<double>((x & 0xFF) + (x >> 8 & 0xFF) + (x >> 16 & 0xFF) + (x >> 24));
}

inline int store(double code, std::int32_t& to) {
    const double whole = std::nearbyint(code); // ties to even
    to = static_cast<std::int32_t>(
        std::clamp<double>(whole, -double{adc_max_code}, double{adc_max_code}));
    return std::abs(whole) > 0x1p23 ? 1 : 0;
}

inline int convert_clean(const double* x, int n, const CodeScale& s, std::int32_t* codes) {
    int clipped = 0;
    for (int i = 0; i < n; ++i)
        clipped += store(x[i] * s.scale + s.offset, codes[i]);
    return clipped;
}

/// In whole steps of 1/128 of a code; the noise's factor has 21 bits.
inline int convert_noisy(const double* x, int n, int times, const CodeScale& s, const NoiseKey& key,
                         std::uint32_t first, std::int32_t* codes) {
    int shift = 0;
    while (shift < 20 && std::ldexp(s.noise * 128, shift) < 0x1p20)
        ++shift;
    const auto multiplier = std::llround(std::ldexp(s.noise * 128, shift));
    const double offset = (s.offset - 510 * s.noise) * 128 + 0.5 + 64; // 510: the mean of four
    int clipped = 0;
    for (int i = 0; i < times * n; ++i) {
        const double clean = std::nearbyint(
            std::clamp(x[i % n] * (s.scale * 128) + offset, -1.25 * 0x1p30, 1.25 * 0x1p30));
        const double noise = std::floor(std::ldexp(
            static_cast<double>(multiplier) * noise_of(first + static_cast<std::uint32_t>(i), key),
            -shift));
        clipped += store(std::floor((clean + noise) / 128), codes[i]);
    }
    return clipped;
}

inline void fold(const std::int32_t* x, int cycles, std::int32_t* fold) {
    std::fill_n(fold, samples_per_cycle, 0);
    for (int i = 0; i < cycles * samples_per_cycle; ++i)
        fold[i % samples_per_cycle] += x[i];
}

inline std::int64_t product(const std::int32_t* x, const std::int32_t* y, int cycles) {
    std::int64_t sum = 0;
    for (int i = 0; i < cycles * samples_per_cycle; ++i)
        sum += std::int64_t{x[i]} * y[i];
    return sum;
}

inline SumAndSquare sum_and_square(const double* x, int n) {
    SumAndSquare total;
    for (int lane = 0; lane < 8; ++lane) {
        SumAndSquare mine;
        for (int i = lane; i < n; i += 8) {
            mine.sum += x[i];
            mine.square += x[i] * x[i];
        }
        total.sum += mine.sum;
        total.square += mine.square;
    }
    return total;
}

inline std::int64_t square(const std::int32_t* x, int cycles) { return product(x, x, cycles); }

/// Eight sums, of every eighth product each, added up in their order.
inline PhasorSum correlate_half_cycle(const double* x, const double* cosine, const double* sine) {
    PhasorSum sum;
    for (int lane = 0; lane < 8; ++lane) {
        PhasorSum mine;
        for (int n = lane; n < samples_per_cycle / 2; n += 8) {
            mine.re += x[n] * cosine[n];
            mine.im -= x[n] * sine[n];
        }
        sum.re += mine.re;
        sum.im += mine.im;
    }
    return sum;
}

/// Order by order: halves are added up while the order is even (twice at most), and the sine's and
/// the cosine's symmetry about a quarter or a half of what is left halves the rest.
inline Phasors folded_dft(const std::int32_t* fold, int cycles, double unit) {
    const double scale = unit / (64.0 * cycles * std::numbers::sqrt2);
    Phasors out{};
    for (int order = 1; order <= max_harmonic; ++order) {
        std::vector<std::int32_t> y{fold, fold + samples_per_cycle};
        int h = order;
        int halved = 0;
        for (; h % 2 == 0 && halved < 2; ++halved, h /= 2) {
            const std::size_t half = y.size() / 2;
            for (std::size_t k = 0; k < half; ++k)
                y[k] += y[k + half];
            y.resize(half);
        }
        const std::size_t mirror = y.size() / (halved < 2 ? 2 : 1);
        if (halved < 2) // an odd order: the second half has the other sign
            for (std::size_t k = 0; k < mirror; ++k)
                y[k] -= y[k + mirror];
        const int sign = halved < 2 ? -1 : 1; // of what mirrors a cosine
        double a = 0;
        double b = 0;
        for (std::size_t k = 0; k <= mirror / 2; ++k) {
            std::int32_t c = y[k];
            std::int32_t s = y[k];
            if (k == 0)
                s = 0;
            else if (k == mirror / 2)
                (halved < 2 ? c : s) = 0;
            else {
                c += sign * y[mirror - k];
                s -= sign * y[mirror - k];
            }
            const int turned = static_cast<int>(k) * order % samples_per_cycle;
            const long double angle =
                2 * std::numbers::pi_v<long double> * turned / samples_per_cycle;
            a += c * static_cast<double>(std::cos(angle));
            b += s * static_cast<double>(std::sin(angle));
        }
        out[static_cast<std::size_t>(order)] = {b * scale, a * scale};
    }
    return out;
}

} // namespace kpmsim::plain
