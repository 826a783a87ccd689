// What is left per meter once the basis stands is multiplying and adding along time, which the
// compiler turns into vectors; two orders at a time, to load and store the sums half as often.
#include "waveforms/row_synthesis.hpp"

#include "sim/kernel_level.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

/// What two orders give to the three channels of a phase set.
struct Pair {
    std::array<double, 3> a0, b0, a1, b1;
};

KPMSIM_LOOP void add_pair_loop(int rows, const double* __restrict s0, const double* __restrict c0,
                               const double* __restrict s1, const double* __restrict c1,
                               const Pair& k, double* __restrict x, double* __restrict y,
                               double* __restrict z) {
    for (int n = 0; n < rows; ++n) {
        x[n] += (k.a0[0] * s0[n] + k.b0[0] * c0[n]) + (k.a1[0] * s1[n] + k.b1[0] * c1[n]);
        y[n] += (k.a0[1] * s0[n] + k.b0[1] * c0[n]) + (k.a1[1] * s1[n] + k.b1[1] * c1[n]);
        z[n] += (k.a0[2] * s0[n] + k.b0[2] * c0[n]) + (k.a1[2] * s1[n] + k.b1[2] * c1[n]);
    }
}

KPMSIM_KERNEL(void, add_pair,
              (int rows, const double* s0, const double* c0, const double* s1, const double* c1,
               const Pair& k, double* x, double* y, double* z),
              (rows, s0, c0, s1, c1, k, x, y, z))

/// Rows handled at a time, so that one stretch of the basis stays near while the channels pass.
constexpr int stretch = 128;

/// Three channels of one stretch. Summed here, on lines of their own: the rows of a block lie a
/// multiple of 4 KiB apart, where a load waits for a store to its neighbour.
struct alignas(64) Tile {
    std::array<double, stretch + 8> x, y, z;
};

} // namespace

void synthesise_rows(const Basis& basis, const std::array<Coefficients, 3>& of, int first, int last,
                     const ThreeChannels& out) {
    std::array<Pair, Spectrum::orders / 2> pairs{};
    std::array<std::array<int, 2>, Spectrum::orders / 2> orders{};
    int used = 0;
    for (int h = 1; h < Spectrum::orders; ++h) {
        const auto o = static_cast<std::size_t>(h);
        if (!of[0].has(o) && !of[1].has(o) && !of[2].has(o))
            continue;
        const auto n = static_cast<std::size_t>(used / 2);
        const bool second = used % 2 != 0;
        for (std::size_t c = 0; c < 3; ++c) {
            (second ? pairs[n].a1 : pairs[n].a0)[c] = of[c].a[o];
            (second ? pairs[n].b1 : pairs[n].b0)[c] = of[c].b[o];
        }
        orders[n][1] = h; // alone, an order is its own partner, with nothing to add
        if (!second)
            orders[n][0] = h;
        ++used;
    }
    Tile tile;
    for (int from = first; from < last; from += stretch) {
        const int rows = std::min(stretch, last - from);
        tile.x.fill(of[0].offset);
        tile.y.fill(of[1].offset);
        tile.z.fill(of[2].offset);
        for (std::size_t n = 0; 2 * static_cast<int>(n) < used; ++n)
            add_pair(rows, basis.sine(orders[n][0]) + from, basis.cosine(orders[n][0]) + from,
                     basis.sine(orders[n][1]) + from, basis.cosine(orders[n][1]) + from, pairs[n],
                     tile.x.data(), tile.y.data(), tile.z.data());
        std::copy_n(tile.x.data(), rows, out[0] + from);
        std::copy_n(tile.y.data(), rows, out[1] + from);
        std::copy_n(tile.z.data(), rows, out[2] + from);
    }
}

} // namespace kpmsim
