// cycle.cpp says what is added up here and why.
#include "waveforms/kernels.hpp"

#include "sim/lanes.hpp"
#include "waveforms/sine.hpp"

namespace kpmsim {

const CycleGrid& cycle_grid() {
    static const CycleGrid made = [] {
        CycleGrid g;
        for (std::uint64_t h = 0; h < Spectrum::orders; ++h)
            for (std::uint64_t k = 0; k < quarter_cycle; ++k) {
                const SinCos sc = sin_cos(h * Turn{(2 * k + 1) * (std::uint64_t{1} << 56)});
                g.sine[h][k] = sc.sin;
                g.cosine[h][k] = sc.cos;
            }
        return g;
    }();
    return made;
}

namespace kernels {
namespace {

constexpr int quarter = quarter_cycle;

template <int width>
KPMSIM_LOOP void make_cycle_loop(const CycleGrid& g, const double* a, const double* b,
                                 double offset, int highest, double* __restrict out) {
    using Wide = typename Lanes<width>::Of;
    constexpr int parts = 2; // for sums that do not wait for one another
    double mirrored[2][quarter];
    for (int from = 0; from < quarter; from += parts * width) {
        Wide odd_sine[parts]{};
        Wide odd_cosine[parts]{};
        Wide even_sine[parts]{};
        Wide even_cosine[parts]{};
        for (int h = 1; h <= highest; h += 2) // an even order above the highest is zero
            for (int n = 0; n < parts; ++n) {
                const int k = from + n * width;
                odd_sine[n] += a[h] * Lanes<width>::at(g.sine[h] + k);
                odd_cosine[n] += b[h] * Lanes<width>::at(g.cosine[h] + k);
                even_sine[n] += a[h + 1] * Lanes<width>::at(g.sine[h + 1] + k);
                even_cosine[n] += b[h + 1] * Lanes<width>::at(g.cosine[h + 1] + k);
            }
        for (int n = 0; n < parts; ++n) {
            const int k = from + n * width;
            even_cosine[n] += offset;
            const Wide s = even_sine[n] + odd_sine[n];
            const Wide c = even_cosine[n] + odd_cosine[n];
            const Wide t = even_sine[n] - odd_sine[n];
            const Wide d = even_cosine[n] - odd_cosine[n];
            Lanes<width>::at(out + k) = c + s;
            Lanes<width>::at(out + 2 * quarter + k) = d + t;
            Lanes<width>::at(mirrored[0] + k) = d - t;
            Lanes<width>::at(mirrored[1] + k) = c - s;
        }
    }
    for (int k = 0; k < quarter; ++k) {
        out[quarter + k] = mirrored[0][quarter - 1 - k];
        out[3 * quarter + k] = mirrored[1][quarter - 1 - k];
    }
}

/// out[n] = sum over d < terms of table[d][n mod 128] delta^d, delta = first + n * by.
template <int width>
KPMSIM_LOOP void slip_along_loop(const Cycle* table, int terms, double first, double by, int rows,
                                 double* __restrict out) {
    using Wide = typename Lanes<width>::Of;
    constexpr int parts = 4;
    double delta[parts * width];
    for (int from = 0; from < rows; from += parts * width) {
        const int of_cycle = from % samples_per_cycle;
        for (int k = 0; k < parts * width; ++k)
            delta[k] = first + by * static_cast<double>(from + k);
        Wide x[parts];
        for (int n = 0; n < parts; ++n)
            x[n] = Lanes<width>::at(table[terms - 1].data() + of_cycle + n * width);
        for (int d = terms - 2; d >= 0; --d)
            for (int n = 0; n < parts; ++n)
                x[n] = x[n] * Lanes<width>::at(delta + n * width) +
                       Lanes<width>::at(table[d].data() + of_cycle + n * width);
        for (int n = 0; n < parts; ++n)
            Lanes<width>::at(out + from + n * width) = x[n];
    }
}

} // namespace

KPMSIM_LANE_KERNEL(void, make_cycle,
                   (const CycleGrid& g, const double* a, const double* b, double offset,
                    int highest, double* out),
                   (g, a, b, offset, highest, out))
KPMSIM_LANE_KERNEL(void, slip_along,
                   (const Cycle* table, int terms, double first, double by, int rows, double* out),
                   (table, terms, first, by, rows, out))

} // namespace kernels

} // namespace kpmsim
