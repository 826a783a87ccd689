#include "waveforms/kernels.hpp"

#include "waveforms/sine.hpp"

namespace kpmsim::kernels {
namespace {

KPMSIM_LOOP void first_order_loop(std::uint64_t start, std::uint64_t step, int rows,
                                  double* __restrict s, double* __restrict c) {
    for (int n = 0; n < rows; ++n) {
        const SinCos sc = sin_cos({start + static_cast<std::uint64_t>(n) * step});
        s[n] = sc.sin;
        c[n] = sc.cos;
    }
}

KPMSIM_LOOP void next_order_loop(int rows, const double* __restrict s1, const double* __restrict c1,
                                 const double* __restrict s0, const double* __restrict c0,
                                 double* __restrict s, double* __restrict c) {
    for (int n = 0; n < rows; ++n) {
        s[n] = s0[n] * c1[n] + c0[n] * s1[n];
        c[n] = c0[n] * c1[n] - s0[n] * s1[n];
    }
}

KPMSIM_LOOP void add_pair_loop(int rows, const double* __restrict s0, const double* __restrict c0,
                               const double* __restrict s1, const double* __restrict c1,
                               const OrderPair& k, double* __restrict x, double* __restrict y,
                               double* __restrict z) {
    for (int n = 0; n < rows; ++n) {
        x[n] += (k.a0[0] * s0[n] + k.b0[0] * c0[n]) + (k.a1[0] * s1[n] + k.b1[0] * c1[n]);
        y[n] += (k.a0[1] * s0[n] + k.b0[1] * c0[n]) + (k.a1[1] * s1[n] + k.b1[1] * c1[n]);
        z[n] += (k.a0[2] * s0[n] + k.b0[2] * c0[n]) + (k.a1[2] * s1[n] + k.b1[2] * c1[n]);
    }
}

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

} // namespace

KPMSIM_KERNEL(void, first_order,
              (std::uint64_t start, std::uint64_t step, int rows, double* s, double* c),
              (start, step, rows, s, c))
KPMSIM_KERNEL(void, next_order,
              (int rows, const double* s1, const double* c1, const double* s0, const double* c0,
               double* s, double* c),
              (rows, s1, c1, s0, c0, s, c))
KPMSIM_KERNEL(void, add_pair,
              (int rows, const double* s0, const double* c0, const double* s1, const double* c1,
               const OrderPair& k, double* x, double* y, double* z),
              (rows, s0, c0, s1, c1, k, x, y, z))
KPMSIM_KERNEL(void, add_tone,
              (int rows, std::uint64_t start, std::uint64_t step, const std::array<double, 3>& a,
               const std::array<double, 3>& b, double* x, double* y, double* z),
              (rows, start, step, a, b, x, y, z))
KPMSIM_KERNEL(void, add_noise,
              (int rows, const std::array<std::uint64_t, 3>& key, std::uint64_t first,
               const Leads& gain, double* x, double* y, double* z),
              (rows, key, first, gain, x, y, z))

} // namespace kpmsim::kernels
