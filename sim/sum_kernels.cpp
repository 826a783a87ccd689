#include "sim/kernels.hpp"
#include "sim/window.hpp"

namespace kpmsim::kernels {

namespace {

KPMSIM_LOOP std::int64_t fold_and_square_loop(const std::int32_t* x, int cycles,
                                              std::int32_t* fold) {
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

KPMSIM_LOOP std::int64_t product_loop(const std::int32_t* x, const std::int32_t* y, int cycles) {
    std::int64_t sum = 0;
    for (int i = 0; i < cycles * samples_per_cycle; ++i)
        sum += static_cast<std::int64_t>(x[i]) * y[i];
    return sum;
}

// Eight sums side by side: the order of the additions is this, whatever the machine.
constexpr int lanes = 8;

KPMSIM_LOOP PhasorSum correlate_half_cycle_loop(const double* x, const double* cosine,
                                                const double* sine) {
    double re[lanes]{};
    double im[lanes]{};
    for (int i = 0; i < samples_per_cycle / 2; i += lanes)
        for (int l = 0; l < lanes; ++l) {
            re[l] += x[i + l] * cosine[i + l];
            im[l] -= x[i + l] * sine[i + l];
        }
    PhasorSum sum;
    for (int l = 0; l < lanes; ++l) {
        sum.re += re[l];
        sum.im += im[l];
    }
    return sum;
}

KPMSIM_LOOP SumAndSquare sum_and_square_loop(const double* x, int n) {
    double sum[lanes]{};
    double square[lanes]{};
    for (int i = 0; i < n; i += lanes)
        for (int l = 0; l < lanes; ++l) {
            sum[l] += x[i + l];
            square[l] += x[i + l] * x[i + l];
        }
    SumAndSquare total;
    for (int l = 0; l < lanes; ++l) {
        total.sum += sum[l];
        total.square += square[l];
    }
    return total;
}

} // namespace

KPMSIM_KERNEL(std::int64_t, fold_and_square,
              (const std::int32_t* x, int cycles, std::int32_t* fold), (x, cycles, fold))
KPMSIM_KERNEL(std::int64_t, product, (const std::int32_t* x, const std::int32_t* y, int cycles),
              (x, y, cycles))
KPMSIM_KERNEL(PhasorSum, correlate_half_cycle,
              (const double* x, const double* cosine, const double* sine), (x, cosine, sine))
KPMSIM_KERNEL(SumAndSquare, sum_and_square, (const double* x, int n), (x, n))

} // namespace kpmsim::kernels
