// One cycle from a quarter of it.
//
// The samples stand at phi[k] = 2 pi (k + 1/2) / 128, once the start psi of the window less half a
// sample is put into the coefficients: a_h + j b_h turned by e^(j h psi). The sines of that grid are
// the same in every window, and their symmetry saves three quarters of the work: with the sums over
// even and odd orders, at k = 0 to 31 only,
//     Se, So = sum a_h sin(h phi[k]),   Ce, Co = sum b_h cos(h phi[k]),
// and sin(h (pi - phi)) = -(-1)^h sin(h phi), cos(h (pi - phi)) = (-1)^h cos(h phi),
//     x[k]      = (Ce + Co) + (Se + So),   x[127 - k] = (Ce + Co) - (Se + So),
//     x[64 + k] = (Ce - Co) + (Se - So),   x[63 - k]  = (Ce - Co) - (Se - So).
//
// A clock that is a little off slips by delta[n] = (n - n0) slip, counted from the middle n0 of the
// window, a few thousandths of a radian. There the wave is its Taylor series,
//     x[n] = sum over d of T_d[k] delta[n]^d / d!,
// T_d the d-th derivative by theta: again a cycle, of the coefficients (a_h + j b_h) (j h)^d. The
// series ends where sum |c_h| (h delta)^d / d! is below 1e-15 for the outermost sample.
#include "waveforms/cycle.hpp"

#include "sim/kernel_level.hpp"
#include "sim/lanes.hpp"
#include "waveforms/sine.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace kpmsim {
namespace {

constexpr int quarter = samples_per_cycle / 4;
constexpr std::uint64_t half_a_sample = std::uint64_t{1} << 56;
constexpr int most_terms = 24;
constexpr double left_out = 1e-15;

struct Grid {
    alignas(64) double sine[Spectrum::orders][quarter]{};
    alignas(64) double cosine[Spectrum::orders][quarter]{};
};

const Grid& grid() {
    static const Grid made = [] {
        Grid g;
        for (std::uint64_t h = 0; h < Spectrum::orders; ++h)
            for (std::uint64_t k = 0; k < quarter; ++k) {
                const SinCos sc = sin_cos(h * Turn{(2 * k + 1) * half_a_sample});
                g.sine[h][k] = sc.sin;
                g.cosine[h][k] = sc.cos;
            }
        return g;
    }();
    return made;
}

using Cycle = std::array<double, samples_per_cycle>;

template <int width>
KPMSIM_LOOP void make_cycle_loop(const Grid& g, const double* a, const double* b, double offset,
                                 int highest, double* __restrict out) {
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

KPMSIM_LANE_KERNEL(void, make_cycle,
                   (const Grid& g, const double* a, const double* b, double offset, int highest,
                    double* out),
                   (g, a, b, offset, highest, out))
KPMSIM_LANE_KERNEL(void, slip_along,
                   (const Cycle* table, int terms, double first, double by, int rows, double* out),
                   (table, terms, first, by, rows, out))

/// Turns T_(d-1) / (d-1)! into T_d / d!.
void derive(Coefficients& c, double one_by_d) {
    c.offset = 0.0;
    for (std::size_t h = 1; h < c.a.size(); ++h) {
        const double by_order = static_cast<double>(h) * one_by_d;
        const double a = c.a[h];
        c.a[h] = -by_order * c.b[h];
        c.b[h] = by_order * a;
    }
}

/// At least what the wave reaches.
double reach(const Coefficients& c) {
    std::array<double, 4> sum{};
    for (std::size_t h = 1; h < c.a.size(); ++h)
        sum[h % 4] += std::abs(c.a[h]) + std::abs(c.b[h]);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

double radians(double raw_turns) { return raw_turns * (2 * std::numbers::pi * 0x1p-64); }

} // namespace

bool CycleSynthesis::can(std::int64_t slip_per_row, int rows) {
    return std::abs(static_cast<double>(slip_per_row)) * 0x1p-64 * rows < 2 * most_turns;
}

void CycleSynthesis::aim(Turn start, std::int64_t slip_per_row, int rows) {
    if (rows_ == rows && start_ == start && slip_ == slip_per_row)
        return;
    start_ = start;
    slip_ = slip_per_row;
    rows_ = rows;
    const std::int64_t to_middle = slip_per_row * (rows - 1) / 2;
    const Turn psi{start.raw + static_cast<std::uint64_t>(to_middle) - half_a_sample};
    for (std::size_t h = 0; h < turned_.size(); ++h)
        turned_[h] = phasor(h * psi);
}

void CycleSynthesis::make(const Coefficients& of, double* out) const {
    assert(rows_ > 0);
    Coefficients c = of;
    for (std::size_t h = 1; h <= static_cast<std::size_t>(of.highest); ++h) {
        const std::complex<double> x = std::complex<double>{of.a[h], of.b[h]} * turned_[h];
        c.a[h] = x.real();
        c.b[h] = x.imag();
    }
    if (slip_ == 0) {
        make_cycle(grid(), c.a.data(), c.b.data(), c.offset, c.highest, out);
        return;
    }
    const double by = radians(static_cast<double>(slip_));
    const double outermost = 0.5 * (rows_ - 1) * by;
    alignas(64) std::array<Cycle, most_terms> table;
    std::size_t terms = 0;
    for (double power = 1.0; terms == 0 || (reach(c) * power > left_out && terms < most_terms);
         power *= std::abs(outermost)) {
        make_cycle(grid(), c.a.data(), c.b.data(), c.offset, c.highest, table[terms].data());
        ++terms;
        derive(c, 1.0 / static_cast<double>(terms));
    }
    slip_along(table.data(), static_cast<int>(terms), -outermost, by, rows_, out);
}

} // namespace kpmsim
