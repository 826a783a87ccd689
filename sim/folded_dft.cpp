// Bin h * cycles of the DFT over `cycles` cycles is bin h of the DFT of the cycles added up:
//
//   sum over n of x[n] e^(-j 2 pi h cycles n / (128 cycles))
//     = sum over k < 128 of (sum over m of x[k + 128 m]) e^(-j 2 pi h k / 128)
//
// With x = sqrt2 Im{X e^(j h theta)} that bin is F = 64 cycles sqrt2 X / j, so X = j F / (64 cycles
// sqrt2) = (B + j A) / (64 cycles sqrt2) with A, B the sums of x cos and x sin.
//
// Folded twice more, in whole numbers, a quarter of the sines is left. With e[k] = x[k] + x[128 - k],
// o[k] = x[k] - x[128 - k] and the symmetry of cos and sin about k = 32,
//   A = sum over k <= 32 of (e[k] + e[64 - k]) cos(2 pi h k / 128), h even
//   A = sum over k < 32 of  (e[k] - e[64 - k]) cos(2 pi h k / 128), h odd
//   B = sum over k < 32 of  (o[k] - o[64 - k]) sin(2 pi h k / 128), h even
//   B = sum over k <= 32 of (o[k] + o[64 - k]) sin(2 pi h k / 128), h odd
// where what stands at 0, 32 and 64 is taken once. The orders go side by side, and k in its order, so
// that the bits are the same on every machine; FFTW's plan, and with it the last bits, depend on
// the processor.
#include "sim/folded_dft.hpp"

#include "sim/kernel_level.hpp"

#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

constexpr int half = samples_per_cycle / 2;
constexpr int quarter = samples_per_cycle / 4;
constexpr int of_parity = 16; // orders 0, 2, …, 30 or 1, 3, …, 31

struct Sines {
    alignas(64) double cosine[2][quarter + 1][of_parity]; ///< by parity, k, order / 2
    alignas(64) double sine[2][quarter + 1][of_parity];
};

/// long double: the x87 has one sine for all machines, glibc's double has several.
const Sines& sines() {
    static const Sines made = [] {
        Sines s;
        for (int parity = 0; parity < 2; ++parity)
            for (int k = 0; k <= quarter; ++k)
                for (int n = 0; n < of_parity; ++n) {
                    const int turned = (2 * n + parity) * k % samples_per_cycle;
                    const long double angle =
                        2 * std::numbers::pi_v<long double> * turned / samples_per_cycle;
                    s.cosine[parity][k][n] = static_cast<double>(std::cos(angle));
                    s.sine[parity][k][n] = static_cast<double>(std::sin(angle));
                }
        return s;
    }();
    return made;
}

/// What is left of a cycle for the orders of one parity.
struct Quarter {
    double of_cosine[quarter + 1];
    double of_sine[quarter + 1];
};

std::array<Quarter, 2> fold_up(std::span<const std::int32_t, samples_per_cycle> x) {
    const auto at = [&](int k) { return x[static_cast<std::size_t>(k)]; };
    std::array<Quarter, 2> out;
    for (int k = 1; k < quarter; ++k) {
        const std::int32_t e = at(k) + at(samples_per_cycle - k);
        const std::int32_t o = at(k) - at(samples_per_cycle - k);
        const std::int32_t mirrored_e = at(half - k) + at(half + k);
        const std::int32_t mirrored_o = at(half - k) - at(half + k);
        out[0].of_cosine[k] = e + mirrored_e;
        out[1].of_cosine[k] = e - mirrored_e;
        out[0].of_sine[k] = o - mirrored_o;
        out[1].of_sine[k] = o + mirrored_o;
    }
    out[0].of_cosine[0] = at(0) + at(half);
    out[1].of_cosine[0] = at(0) - at(half);
    out[0].of_cosine[quarter] = at(quarter) + at(3 * quarter);
    out[1].of_cosine[quarter] = 0;
    out[0].of_sine[0] = out[1].of_sine[0] = 0;
    out[0].of_sine[quarter] = 0;
    out[1].of_sine[quarter] = at(quarter) - at(3 * quarter);
    return out;
}

/// Sums over k of the quarter times the sines, for the orders of each parity.
KPMSIM_LOOP void correlate_loop(const Quarter* x, const Sines& s, double (*a)[of_parity],
                                double (*b)[of_parity]) {
    double a_even[of_parity]{};
    double a_odd[of_parity]{};
    double b_even[of_parity]{};
    double b_odd[of_parity]{};
    for (int k = 0; k <= quarter; ++k)
        for (int n = 0; n < of_parity; ++n) {
            a_even[n] += x[0].of_cosine[k] * s.cosine[0][k][n];
            a_odd[n] += x[1].of_cosine[k] * s.cosine[1][k][n];
            b_even[n] += x[0].of_sine[k] * s.sine[0][k][n];
            b_odd[n] += x[1].of_sine[k] * s.sine[1][k][n];
        }
    for (int n = 0; n < of_parity; ++n) {
        a[0][n] = a_even[n];
        a[1][n] = a_odd[n];
        b[0][n] = b_even[n];
        b[1][n] = b_odd[n];
    }
}

KPMSIM_KERNEL(void, correlate,
              (const Quarter* x, const Sines& s, double (*a)[of_parity], double (*b)[of_parity]),
              (x, s, a, b))

} // namespace

void folded_dft(std::span<const std::int32_t, samples_per_cycle> fold, int cycles, double unit,
                Phasors& out) {
    const std::array<Quarter, 2> left = fold_up(fold);
    const double scale = unit / (64.0 * cycles * std::numbers::sqrt2);
    double a[2][of_parity];
    double b[2][of_parity];
    correlate(left.data(), sines(), a, b);
    for (std::size_t h = 1; h < out.size(); ++h)
        out[h] = {b[h % 2][h / 2] * scale, a[h % 2][h / 2] * scale};
    out[0] = 0;
}

} // namespace kpmsim
