#include "waveforms/floating_star.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

// The star point's voltage V solves, for the fundamental, F(V) = sum over phases I_p(U_p - V) = 0. F is
// no analytic function of V where a load holds its power, so that V is two real unknowns: Newton's
// method with the slopes by differences, from V = 0, the step halved while it does not help. A load that
// takes any voltage (constant current) leaves nothing to solve when its currents sum to zero, and no
// solution when they do not: the best point found is taken then.
//
// The other orders follow one by one: where the loads answer to order h of the voltage, they do so
// linearly (a resistance, capacitors), F_h(V) = F_h(0) - Y V, and one trial voltage gives Y.

namespace kpmsim {
namespace {

using Complex = std::complex<double>;

PhaseSpectra shifted(PhaseSpectra u, int order, Complex by) {
    for (Spectrum& phase : u)
        phase[order] -= by;
    return u;
}

Complex sum_of(const PhaseSpectra& i, int order) { return i[0][order] + i[1][order] + i[2][order]; }

double size_of(const PhaseSpectra& x, int order) {
    return std::abs(x[0][order]) + std::abs(x[1][order]) + std::abs(x[2][order]);
}

Complex fundamental_shift(const PhaseSpectra& u, const CurrentsOf& currents) {
    constexpr int most_steps = 60;
    const double scale = size_of(u, 1) / 3.0;
    if (scale == 0.0)
        return 0.0;
    const auto sum_at = [&](Complex v) { return sum_of(currents(shifted(u, 1, v)), 1); };
    const double wanted = 1e-10 * size_of(currents(u), 1);
    Complex v = 0.0;
    Complex f = sum_at(v);
    const double h = 1e-6 * scale;
    for (int step = 0; step < most_steps && std::abs(f) > wanted; ++step) {
        const Complex along_re = (sum_at(v + h) - f) / h;
        const Complex along_im = (sum_at(v + Complex{0.0, h}) - f) / h;
        const double det = along_re.real() * along_im.imag() - along_im.real() * along_re.imag();
        if (std::abs(det) < 1e-12 * std::norm(along_re) || det == 0.0)
            break;
        const Complex by{-(f.real() * along_im.imag() - f.imag() * along_im.real()) / det,
                         -(f.imag() * along_re.real() - f.real() * along_re.imag()) / det};
        double part = std::min(1.0, 0.5 * scale / std::max(std::abs(by), 1e-300));
        Complex next = sum_at(v + part * by);
        for (int half = 0; half < 30 && std::abs(next) >= std::abs(f); ++half) {
            part *= 0.5;
            next = sum_at(v + part * by);
        }
        if (std::abs(next) >= std::abs(f))
            break;
        v += part * by;
        f = next;
    }
    return v;
}

PhaseSpectra floating(PhaseSpectra u, const CurrentsOf& currents) {
    u = shifted(u, 1, fundamental_shift(u, currents));
    const double trial = 1e-3 * size_of(u, 1);
    const PhaseSpectra drawn = currents(u);
    for (int h = 0; h < Spectrum::orders; ++h) {
        const Complex left = sum_of(drawn, h);
        if (h == 1 || left == 0.0)
            continue;
        const Complex answer = left - sum_of(currents(shifted(u, h, trial)), h);
        if (std::abs(answer) > 1e-12 * size_of(drawn, 1))
            u = shifted(u, h, left * trial / answer);
    }
    return u;
}

} // namespace

SupplyWindow floating_star(SupplyWindow supply, const CurrentsOf& currents) {
    supply.u = floating(supply.u, currents);
    TransientSamples& rows = supply.rows;
    for (Segment& segment : rows.segments) {
        const std::array<double, 3> level = rows.level[static_cast<std::size_t>(segment.first_row)];
        for (std::size_t p = 0; p < 3; ++p)
            segment.u[p] = scaled(level[p], segment.u[p]);
        segment.u = floating(segment.u, currents);
        for (int row = segment.first_row; row < segment.last_row; ++row)
            rows.level[static_cast<std::size_t>(row)] = {1, 1, 1};
    }
    return supply;
}

} // namespace kpmsim
