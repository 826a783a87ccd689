#include "sim/kernels.hpp"
#include "sim/window.hpp"

namespace kpmsim::kernels {

namespace {

constexpr int lanes = 8;
typedef double Lanes __attribute__((vector_size(lanes * sizeof(double))));
// Read where it stands, aligned or not.
typedef double LanesAnywhere
    __attribute__((vector_size(lanes * sizeof(double)), aligned(sizeof(double)), may_alias));

} // namespace

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
