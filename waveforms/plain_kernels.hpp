#pragma once

#include "waveforms/kernels.hpp"
#include "waveforms/sine.hpp"

#include <cstdint>

namespace kpmsim::plain {

// What the kernels do, in the plainest words: one sample after the other. The tests hold every
// level of every kernel to these, bit by bit.

inline void make_cycle(const double* a, const double* b, double offset, int highest, double* out) {
    for (int k = 0; k < samples_per_cycle; ++k) {
        // The quarter's point that this sample mirrors, and the signs of the four sums there.
        const int half = k % (2 * quarter_cycle);
        const bool late = half >= quarter_cycle;
        const bool second = k >= 2 * quarter_cycle;
        const auto at = static_cast<std::uint64_t>(late ? 2 * quarter_cycle - 1 - half : half);
        double sine[2]{}; // of the even orders, of the odd ones
        double cosine[2]{};
        for (int h = 1; h <= highest; ++h) {
            const SinCos sc = sin_cos(static_cast<std::uint64_t>(h) * Turn{(2 * at + 1) << 56});
            sine[h % 2] += a[h] * sc.sin;
            cosine[h % 2] += b[h] * sc.cos;
        }
        const double sign = late != second ? -1.0 : 1.0; // of the odd orders' sums
        const double c = (cosine[0] + offset) + sign * cosine[1];
        const double s = sine[0] + sign * sine[1];
        out[k] = late ? c - s : c + s;
    }
}

inline void slip_along(const Cycle* table, int terms, double first, double by, int rows,
                       double* out) {
    for (int n = 0; n < rows; ++n) {
        const auto k = static_cast<std::size_t>(n % samples_per_cycle);
        const double delta = first + by * n;
        out[n] = table[terms - 1][k];
        for (int d = terms - 2; d >= 0; --d)
            out[n] = out[n] * delta + table[d][k];
    }
}

inline void first_order(std::uint64_t start, std::uint64_t step, int rows, double* s, double* c) {
    Turn theta{start};
    for (int n = 0; n < rows; ++n, theta.raw += step) {
        const SinCos sc = sin_cos(theta);
        s[n] = sc.sin;
        c[n] = sc.cos;
    }
}

inline void next_order(int rows, const double* s1, const double* c1, const double* s0,
                       const double* c0, double* s, double* c) {
    for (int n = 0; n < rows; ++n) {
        s[n] = s0[n] * c1[n] + c0[n] * s1[n];
        c[n] = c0[n] * c1[n] - s0[n] * s1[n];
    }
}

inline void add_pair(int rows, const double* s0, const double* c0, const double* s1,
                     const double* c1, const OrderPair& k, double* x, double* y, double* z) {
    double* const channel[]{x, y, z};
    for (std::size_t p = 0; p < 3; ++p)
        for (int n = 0; n < rows; ++n) {
            const double lower = k.a0[p] * s0[n] + k.b0[p] * c0[n];
            const double higher = k.a1[p] * s1[n] + k.b1[p] * c1[n];
            channel[p][n] += lower + higher;
        }
}

inline void add_tone(int rows, std::uint64_t start, std::uint64_t step,
                     const std::array<double, 3>& a, const std::array<double, 3>& b, double* x,
                     double* y, double* z) {
    double* const channel[]{x, y, z};
    for (std::size_t p = 0; p < 3; ++p) {
        Turn theta{start};
        for (int n = 0; n < rows; ++n, theta.raw += step) {
            const SinCos sc = sin_cos(theta);
            channel[p][n] += a[p] * sc.sin + b[p] * sc.cos;
        }
    }
}

/// Four 16-bit numbers of a hash, centred and scaled to deviation 1.
inline double noise_of(std::uint64_t key, std::uint64_t n) {
    std::uint64_t x = key + n * 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    x = x ^ (x >> 31);
    double sum = 0;
    for (int quarter = 0; quarter < 4; ++quarter, x >>= 16)
        sum += static_cast<double>(x & 0xffff);
    return (2 * sum - 4 * 65535) * (0.5 / 37837.2274);
}

inline void add_noise(int rows, const std::array<std::uint64_t, 3>& key, std::uint64_t first,
                      const Leads& gain, double* x, double* y, double* z) {
    double* const channel[]{x, y, z};
    for (std::size_t p = 0; p < 3; ++p)
        for (int n = 0; n < rows; ++n) {
            double sum = 0; // of the three phases
            for (std::size_t phase = 0; phase < 3; ++phase)
                sum += gain[p][phase] * noise_of(key[phase], first + static_cast<std::uint64_t>(n));
            channel[p][n] += sum;
        }
}

} // namespace kpmsim::plain
