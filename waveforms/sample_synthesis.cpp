// What is left per meter once the basis stands is multiplying and adding along time, which the
// compiler turns into vectors; two orders at a time, to load and store the sums half as often.
#include "waveforms/sample_synthesis.hpp"

#include "waveforms/kernels.hpp"

#include <algorithm>

namespace kpmsim {
namespace {

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
    std::array<OrderPair, Spectrum::orders / 2> pairs{};
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
            kernels::add_pair(rows, basis.sine(orders[n][0]) + from,
                              basis.cosine(orders[n][0]) + from, basis.sine(orders[n][1]) + from,
                              basis.cosine(orders[n][1]) + from, pairs[n], tile.x.data(),
                              tile.y.data(), tile.z.data());
        std::copy_n(tile.x.data(), rows, out[0] + from);
        std::copy_n(tile.y.data(), rows, out[1] + from);
        std::copy_n(tile.z.data(), rows, out[2] + from);
    }
}

} // namespace kpmsim
