// Bin h * cycles of the DFT over `cycles` cycles is bin h of the DFT of the cycles added up:
//
//   sum over n of x[n] e^(-j 2 pi h cycles n / (128 cycles))
//     = sum over k < 128 of (sum over m of x[k + 128 m]) e^(-j 2 pi h k / 128)
//
// With x = sqrt2 Im{X e^(j h theta)} that bin is F = 64 cycles sqrt2 X / j, so X = j F / (64 cycles
// sqrt2) = (B + j A) / (64 cycles sqrt2) with A, B the sums of x cos and x sin.
//
// The same folding goes on, in whole numbers: of N points y, the odd orders need only the halves'
// difference z[k] = y[k] - y[k + N/2], and the even ones their sum. About k = N/4 the cosine of an
// odd order changes its sign and the sine does not, which leaves a quarter of the points:
//   A = z[0] + sum over 0 < k < N/4 of (z[k] - z[N/2 - k]) cos(2 pi h k / N)
//   B =        sum over 0 < k < N/4 of (z[k] + z[N/2 - k]) sin(2 pi h k / N) + z[N/4] sin(pi h / 2)
// This is done for N = 128 (orders 1, 3, …, 31) and N = 64 (2, 6, …, 30); orders 4, 8, …, 28 are
// left with 32 points y, of which the mirrored ones go together:
//   A = y[0] + sum over 0 < k < 16 of (y[k] + y[32 - k]) cos(2 pi h k / 32) + y[16] cos(pi h)
//   B =        sum over 0 < k < 16 of (y[k] - y[32 - k]) sin(2 pi h k / 32)
// (h in fourths).
// The sums run in the order of k, with the orders side by side, so that the bits are the same on
// every machine; FFTW's plan, and with it the last bits, depend on the processor.
#include "sim/folded_dft.hpp"

#include "sim/kernel_level.hpp"
#include "sim/lanes.hpp"

#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

/// cos and sin of 2 pi h k / 128 by k, for `orders` orders h side by side.
template <int points, int orders>
struct Sines {
    alignas(64) double cosine[points][orders];
    alignas(64) double sine[points][orders];

    /// h = first, first + by, …
    /// long double: the x87 has one sine for all machines, glibc's double has several.
    Sines(int first, int by) {
        for (int k = 0; k < points; ++k)
            for (int n = 0; n < orders; ++n) {
                const int turned = (first + by * n) * k % samples_per_cycle;
                const long double angle =
                    2 * std::numbers::pi_v<long double> * turned / samples_per_cycle;
                cosine[k][n] = static_cast<double>(std::cos(angle));
                sine[k][n] = static_cast<double>(std::sin(angle));
            }
    }
};

struct AllSines {
    Sines<33, 16> odd{1, 2};
    Sines<17, 8> twice_odd{2, 4};
    Sines<17, 8> fourth{0, 4};
};

const AllSines& all_sines() {
    static const AllSines made;
    return made;
}

/// A and B, by order.
struct Sums {
    double a[max_harmonic + 1];
    double b[max_harmonic + 1];
};

/// Of the orders first, first + by, …: sums over k of c[k] cos and s[k] sin.
template <int width, int points, int orders>
KPMSIM_LOOP void correlate(const double* c, const double* s, const Sines<points, orders>& of,
                           int first, int by, Sums& out) {
    using Wide = typename Lanes<width>::Of;
    constexpr int parts = orders / width;
    Wide a[parts]{};
    Wide b[parts]{};
    for (int k = 0; k < points; ++k)
        for (int n = 0; n < parts; ++n) {
            a[n] += c[k] * Lanes<width>::at(of.cosine[k] + n * width);
            b[n] += s[k] * Lanes<width>::at(of.sine[k] + n * width);
        }
    for (int n = 0; n < orders; ++n) {
        out.a[first + by * n] = a[n / width][n % width];
        out.b[first + by * n] = b[n / width][n % width];
    }
}

/// The quarter that odd orders leave of `2 * half` points, z their halves' difference.
template <int half>
KPMSIM_LOOP void fold_odd(const std::int32_t* z, double* c, double* s) {
    constexpr int middle = half / 2;
    for (int k = 1; k < middle; ++k) {
        c[k] = z[k] - z[half - k];
        s[k] = z[k] + z[half - k];
    }
    c[0] = z[0];
    s[0] = 0;
    c[middle] = 0;
    s[middle] = z[middle];
}

KPMSIM_LOOP void fold_even(const std::int32_t* y, double* c, double* s) {
    for (int k = 1; k < 16; ++k) {
        c[k] = y[k] + y[32 - k];
        s[k] = y[k] - y[32 - k];
    }
    c[0] = y[0];
    s[0] = 0;
    c[16] = y[16];
    s[16] = 0;
}

template <int level_width>
KPMSIM_LOOP void transform_loop(const std::int32_t* x, const AllSines& of, Sums& out) {
    constexpr int width = level_width < 4 ? level_width : 4; // eight wait longer for each other
    std::int32_t z[64];
    std::int32_t y[64];
    for (int k = 0; k < 64; ++k) {
        z[k] = x[k] - x[k + 64];
        y[k] = x[k] + x[k + 64];
    }
    std::int32_t twice_z[32];
    std::int32_t twice_y[32];
    for (int k = 0; k < 32; ++k) {
        twice_z[k] = y[k] - y[k + 32];
        twice_y[k] = y[k] + y[k + 32];
    }
    double c[33];
    double s[33];
    fold_odd<64>(z, c, s);
    correlate<width>(c, s, of.odd, 1, 2, out);
    fold_odd<32>(twice_z, c, s);
    correlate<width>(c, s, of.twice_odd, 2, 4, out);
    fold_even(twice_y, c, s);
    correlate<width>(c, s, of.fourth, 0, 4, out);
}

KPMSIM_LANE_KERNEL(void, transform, (const std::int32_t* x, const AllSines& of, Sums& out),
                   (x, of, out))

} // namespace

void folded_dft(std::span<const std::int32_t, samples_per_cycle> fold, int cycles, double unit,
                Phasors& out) {
    Sums sums;
    transform(fold.data(), all_sines(), sums);
    const double scale = unit / (64.0 * cycles * std::numbers::sqrt2);
    out[0] = 0;
    for (std::size_t h = 1; h < out.size(); ++h)
        out[h] = {sums.b[h] * scale, sums.a[h] * scale};
}

} // namespace kpmsim
