#include "waveforms/floating_star.hpp"

#include "waveforms/sum_currents.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <type_traits>

// The star point's voltage V solves, for the fundamental, F(V) = sum over phases I_p(U_p - V) = 0. F is
// no analytic function of V where a load holds its power, so that V is two real unknowns: Newton's
// method with the slopes by differences, the step halved while it does not help. It begins where the
// point is, and then near each phase: a load that cannot have what it holds gives way there, for below
// 5 % of its voltage it is an impedance (StarPoint::floats). Loads that draw have their solution within
// the triangle of the three voltages (V is a mean of them, weighted by the powers); what lies twice as
// far out as the voltages is none.
//
// Of the other orders a resistance and capacitors draw I_h = Y_h U_h, and everybody else what his own
// fundamental says. So V_h = sum I_h / sum Y_h; where nobody answers to an order, the star stands at the
// mean of the phases, each weighted by what it would draw, as for impedances in that proportion. What a
// load draws of its fundamental hangs a little on the other orders, and the two are done in turn until
// nothing moves.

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

/// The fundamental of the star's voltage, and what is left of the sum there.
struct Found {
    Complex v;
    double left;
};

Found newton(const std::function<Complex(Complex)>& sum_at, Complex v, double scale,
             double wanted) {
    constexpr int most_steps = 60;
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
        const auto next_at = [&] {
            const Complex at = v + part * by;
            return std::abs(at) <= 2.0 * scale ? sum_at(at) : f;
        };
        Complex next = next_at();
        for (int half = 0; half < 30 && std::abs(next) >= std::abs(f); ++half) {
            part *= 0.5;
            next = next_at();
        }
        if (std::abs(next) >= std::abs(f))
            break;
        v += part * by;
        f = next;
    }
    return {v, std::abs(f)};
}

/// From where it stands in `u`, which is `v` away from the neutral.
Complex fundamental_of(const PhaseSpectra& u, Complex v, const CurrentsOf& currents) {
    const PhaseSpectra held = shifted(u, 1, -v);
    double scale = 0.0;
    for (const Spectrum& phase : held)
        scale = std::max(scale, std::abs(phase[1]));
    const double drawn = size_of(currents(held), 1);
    if (scale == 0.0 || drawn == 0.0)
        return v;
    const auto sum_at = [&](Complex at) { return sum_of(currents(shifted(held, 1, at)), 1); };
    const double wanted = 1e-11 * drawn;
    Found best = newton(sum_at, v, scale, wanted);
    for (std::size_t p = 0; p < 3 && best.left > wanted; ++p) {
        const Found other = newton(sum_at, 0.97 * held[p][1], scale, wanted);
        if (other.left < best.left)
            best = other;
    }
    return best.v;
}

/// What the loads draw of each other order, all phases together, of one volt of it.
Spectrum siemens_of(const CurrentsOf& currents) {
    PhaseSpectra volts{};
    for (Spectrum& phase : volts)
        for (int h = 0; h < Spectrum::orders; ++h)
            phase[h] = h == 1 ? 0.0 : 1.0;
    const PhaseSpectra drawn = currents(volts);
    const PhaseSpectra anyway = currents(PhaseSpectra{});
    Spectrum sum;
    for (int h = 0; h < Spectrum::orders; ++h)
        sum[h] = sum_of(drawn, h) - sum_of(anyway, h);
    return sum;
}

/// Of the phases' voltages, each as much as it would draw around a star point that is held.
Complex mean_of(const PhaseSpectra& u, int order, const PhaseSpectra& held) {
    Complex sum = 0.0;
    for (std::size_t p = 0; p < 3; ++p)
        sum += std::abs(held[p][1]) * u[p][order];
    return size_of(held, 1) > 0.0 ? sum / size_of(held, 1) : 0.0;
}

PhaseSpectra floating(PhaseSpectra u, const CurrentsOf& currents) {
    constexpr int most_turns = 50;
    const Spectrum siemens = siemens_of(currents);
    const PhaseSpectra held = currents(u);
    const double still = 1e-12 * size_of(u, 1);
    Complex star = 0.0;
    for (int turn = 0; turn < most_turns; ++turn) {
        const Complex next = fundamental_of(u, star, currents);
        u = shifted(u, 1, next - star);
        star = next;
        const PhaseSpectra drawn = currents(u);
        double moved = 0.0;
        for (int h = 0; h < Spectrum::orders; ++h) {
            if (h == 1)
                continue;
            const Complex by =
                siemens[h] != 0.0 ? sum_of(drawn, h) / siemens[h] : mean_of(u, h, held);
            u = shifted(u, h, by);
            moved = std::max(moved, std::abs(by));
        }
        if (moved <= still)
            break;
    }
    return u;
}

/// `of` gives one number that a load draws in a phase, times `factors` it counts.
template <class Of>
void give_up(std::span<WindowCurrents* const> drawn, std::span<const double> factors,
             const Of& of) {
    std::decay_t<decltype(of(*drawn[0], 0))> sum{};
    double size = 0.0;
    for (std::size_t n = 0; n < drawn.size(); ++n)
        for (std::size_t p = 0; p < 3; ++p) {
            sum += factors[n] * of(*drawn[n], p);
            size += std::abs(factors[n] * of(*drawn[n], p));
        }
    if (size == 0.0)
        return;
    for (std::size_t n = 0; n < drawn.size(); ++n)
        for (std::size_t p = 0; p < 3; ++p) {
            auto& x = of(*drawn[n], p);
            x -= sum * (std::abs(x) / size) * (factors[n] < 0.0 ? -1.0 : 1.0);
        }
}

} // namespace

SupplyWindow floating_star(SupplyWindow supply, const CurrentsOf& currents) {
    supply.floats = true;
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

void sum_to_zero(std::span<WindowCurrents* const> drawn, std::span<const double> factors,
                 int rows) {
    cut_alike(drawn, rows);
    if (drawn.empty())
        return;
    for (std::size_t h = 0; h < Spectrum::orders; ++h) {
        give_up(drawn, factors, [&](WindowCurrents& one, std::size_t p) -> Complex& {
            return one.whole[p].rms[h];
        });
        for (std::size_t n = 0; n < drawn[0]->pieces.size(); ++n) {
            give_up(
                drawn, factors,
                [&](WindowCurrents& one, std::size_t p) -> Complex& {
                    return one.pieces[n].from[p].rms[h];
                });
            give_up(drawn, factors, [&](WindowCurrents& one, std::size_t p) -> Complex& {
                return one.pieces[n].to[p].rms[h];
            });
        }
    }
    const bool added = std::any_of(drawn.begin(), drawn.end(),
                                   [](const WindowCurrents* one) { return !one->added_a.empty(); });
    for (std::size_t row = 0; added && row < static_cast<std::size_t>(rows); ++row)
        give_up(drawn, factors, [&](WindowCurrents& one, std::size_t p) -> double& {
            one.added_a.resize(static_cast<std::size_t>(rows));
            return one.added_a[row][p];
        });
}

} // namespace kpmsim
