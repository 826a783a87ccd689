#include "sim/kernels.hpp"
#include "sim/lanes.hpp"
#include "sim/window.hpp"

namespace kpmsim::kernels {

namespace {

KPMSIM_LOOP void fold_loop(const std::int32_t* __restrict x, int cycles,
                           std::int32_t* __restrict fold) {
    for (int k = 0; k < samples_per_cycle; ++k)
        fold[k] = x[k];
    for (int m = 1; m < cycles; ++m)
        for (int k = 0; k < samples_per_cycle; ++k)
            fold[k] += x[m * samples_per_cycle + k];
}

KPMSIM_LOOP std::int64_t square_loop(const std::int32_t* x, int cycles) {
    std::int64_t sum = 0;
    for (int i = 0; i < cycles * samples_per_cycle; ++i)
        sum += static_cast<std::int64_t>(x[i]) * x[i];
    return sum;
}

KPMSIM_LOOP std::int64_t product_loop(const std::int32_t* x, const std::int32_t* y, int cycles) {
    std::int64_t sum = 0;
    for (int i = 0; i < cycles * samples_per_cycle; ++i)
        sum += static_cast<std::int64_t>(x[i]) * y[i];
    return sum;
}

// Eight sums side by side: the order of the additions is this, whatever the machine.
constexpr int side_by_side = 8;

template <int width>
KPMSIM_LOOP PhasorSum correlate_half_cycle_loop(const double* x, const double* cosine,
                                                const double* sine) {
    constexpr int parts = side_by_side / width;
    typename Lanes<width>::Of re[parts]{};
    typename Lanes<width>::Of im[parts]{};
    for (int i = 0; i < samples_per_cycle / 2; i += side_by_side)
        for (int n = 0; n < parts; ++n) {
            const int at = i + n * width;
            re[n] += Lanes<width>::at(x + at) * Lanes<width>::at(cosine + at);
            im[n] -= Lanes<width>::at(x + at) * Lanes<width>::at(sine + at);
        }
    PhasorSum sum;
    for (int n = 0; n < side_by_side; ++n) {
        sum.re += re[n / width][n % width];
        sum.im += im[n / width][n % width];
    }
    return sum;
}

template <int width>
KPMSIM_LOOP SumAndSquare sum_and_square_loop(const double* x, int n) {
    constexpr int parts = side_by_side / width;
    typename Lanes<width>::Of sum[parts]{};
    typename Lanes<width>::Of square[parts]{};
    for (int i = 0; i < n; i += side_by_side)
        for (int p = 0; p < parts; ++p) {
            const typename Lanes<width>::Of v = Lanes<width>::at(x + i + p * width);
            sum[p] += v;
            square[p] += v * v;
        }
    SumAndSquare total;
    for (int l = 0; l < side_by_side; ++l) {
        total.sum += sum[l / width][l % width];
        total.square += square[l / width][l % width];
    }
    return total;
}

} // namespace

KPMSIM_KERNEL(void, fold, (const std::int32_t* x, int cycles, std::int32_t* fold),
              (x, cycles, fold))
KPMSIM_KERNEL(std::int64_t, square, (const std::int32_t* x, int cycles), (x, cycles))
KPMSIM_KERNEL(std::int64_t, product, (const std::int32_t* x, const std::int32_t* y, int cycles),
              (x, y, cycles))
KPMSIM_LANE_KERNEL(PhasorSum, correlate_half_cycle,
                   (const double* x, const double* cosine, const double* sine), (x, cosine, sine))
KPMSIM_LANE_KERNEL(SumAndSquare, sum_and_square, (const double* x, int n), (x, n))

} // namespace kpmsim::kernels
