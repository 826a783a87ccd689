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

#include "waveforms/kernels.hpp"
#include "waveforms/sine.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace kpmsim {
namespace {

constexpr std::uint64_t half_a_sample = std::uint64_t{1} << 56;
constexpr int most_terms = 24;
constexpr double left_out = 1e-15;

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
        kernels::make_cycle(cycle_grid(), c.a.data(), c.b.data(), c.offset, c.highest, out);
        return;
    }
    const double by = radians(static_cast<double>(slip_));
    const double outermost = 0.5 * (rows_ - 1) * by;
    alignas(64) std::array<Cycle, most_terms> table;
    std::size_t terms = 0;
    for (double power = 1.0; terms == 0 || (reach(c) * power > left_out && terms < most_terms);
         power *= std::abs(outermost)) {
        kernels::make_cycle(cycle_grid(), c.a.data(), c.b.data(), c.offset, c.highest,
                            table[terms].data());
        ++terms;
        derive(c, 1.0 / static_cast<double>(terms));
    }
    kernels::slip_along(table.data(), static_cast<int>(terms), -outermost, by, rows_, out);
}

} // namespace kpmsim
