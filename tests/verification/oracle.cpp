// x(t) = c0 + sum over h of (a_h cos h w t + b_h sin h w t), t counted from the middle.
//
// For a given w the a, b follow from the normal equations. Their matrix needs no products of samples,
// for cos A cos B = (cos(A - B) + cos(A + B)) / 2 and so on: it is made of C(m) = sum cos(m w t); the
// sums of sines are 0, for the times lie evenly about 0. w itself is one more unknown, whose column is
// dx/dw = sum h t (b_h cos h w t - a_h sin h w t) with the a, b of the step before (Gauss-Newton). The
// search starts from the strongest line of a Hann-weighted spectrum between 40 and 70 Hz.
#include "oracle.hpp"

#include <cmath>
#include <numbers>

namespace kpmsim::test {

namespace {

using Real = long double;
using Vector = std::vector<Real>;
constexpr Real two_pi = 2 * std::numbers::pi_v<Real>;
constexpr int unknowns = 1 + 2 * oracle_orders; // c0, a_1, b_1, a_2, …

Real time_of(std::size_t n, std::size_t count, Real rate_hz) {
    return (static_cast<Real>(n) - static_cast<Real>(count - 1) / 2) / rate_hz;
}

Real first_guess(const std::vector<double>& x, Real rate_hz) {
    std::vector<std::complex<Real>> weighted;
    for (std::size_t n = 0; n < x.size(); ++n)
        weighted.emplace_back(
            static_cast<Real>(x[n]) *
            (1 - std::cos(two_pi * (static_cast<Real>(n) + 0.5L) / static_cast<Real>(x.size()))));
    Real best = 0;
    Real best_f = 50;
    for (int halves = 80; halves <= 140; ++halves) {
        const Real f = halves * 0.5L;
        const std::complex<Real> step = std::polar(Real{1}, -two_pi * f / rate_hz);
        std::complex<Real> sum; // by Horner's rule, the last sample first
        for (std::size_t n = x.size(); n-- > 0;)
            sum = sum * step + weighted[n];
        if (std::abs(sum) > best) {
            best = std::abs(sum);
            best_f = f;
        }
    }
    return best_f;
}

/// Rows of cos and sin of each order, one column a sample.
struct Basis {
    std::vector<Vector> row; // 1, cos 1, sin 1, cos 2, …
    Vector c;                // C(m), m to 100

    Basis(Real f, std::size_t count, Real rate_hz)
        : row(unknowns, Vector(count)), c(2 * oracle_orders + 1) {
        for (std::size_t n = 0; n < count; ++n) {
            const std::complex<Real> step =
                std::polar(Real{1}, two_pi * f * time_of(n, count, rate_hz));
            std::complex<Real> z = 1;
            for (std::size_t m = 0; m < c.size(); ++m, z *= step) {
                c[m] += z.real();
                if (m == 0)
                    row[0][n] = 1;
                else if (m <= oracle_orders) {
                    row[2 * m - 1][n] = z.real();
                    row[2 * m][n] = z.imag();
                }
            }
        }
    }

    /// Sum of the products of two rows.
    Real product(int i, int j) const {
        const int h = (i + 1) / 2;
        const int k = (j + 1) / 2;
        const bool sine_i = i > 0 && i % 2 == 0;
        const bool sine_j = j > 0 && j % 2 == 0;
        if (sine_i != sine_j)
            return 0;
        const Real less = c[static_cast<std::size_t>(std::abs(h - k))];
        const Real more = c[static_cast<std::size_t>(h) + static_cast<std::size_t>(k)];
        return (sine_i ? less - more : less + more) / 2;
    }
};

Real dot(const Vector& a, const Vector& b) {
    Real sum = 0;
    for (std::size_t n = 0; n < a.size(); ++n)
        sum += a[n] * b[n];
    return sum;
}

/// Lower triangle of a positive matrix's root (Cholesky).
std::vector<Vector> root_of(std::vector<Vector> m) {
    for (std::size_t i = 0; i < m.size(); ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            Real sum = m[i][j];
            for (std::size_t k = 0; k < j; ++k)
                sum -= m[i][k] * m[j][k];
            m[i][j] = i == j ? std::sqrt(sum) : sum / m[j][j];
        }
    return m;
}

Vector solve(const std::vector<Vector>& root, Vector y) {
    const std::size_t n = y.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k)
            y[i] -= root[i][k] * y[k];
        y[i] /= root[i][i];
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k)
            y[i] -= root[k][i] * y[k];
        y[i] /= root[i][i];
    }
    return y;
}

std::vector<Vector> normal_matrix(const Basis& basis) {
    std::vector<Vector> m(unknowns, Vector(unknowns));
    for (int i = 0; i < unknowns; ++i)
        for (int j = 0; j < unknowns; ++j)
            m[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] = basis.product(i, j);
    return m;
}

Vector right_side(const Basis& basis, const Vector& x) {
    Vector y;
    for (const Vector& row : basis.row)
        y.push_back(dot(row, x));
    return y;
}

/// By how much f is off, in Hz.
Real correction(const Basis& basis, const std::vector<Vector>& matrix, const Vector& x,
                const Vector& amplitude, Real rate_hz) {
    Vector slope(x.size());
    for (std::size_t n = 0; n < x.size(); ++n)
        for (std::size_t h = 1; h <= oracle_orders; ++h)
            slope[n] += two_pi * static_cast<Real>(h) * time_of(n, x.size(), rate_hz) *
                        (amplitude[2 * h] * basis.row[2 * h - 1][n] -
                         amplitude[2 * h - 1] * basis.row[2 * h][n]);
    std::vector<Vector> wider = matrix;
    Vector side;
    for (std::size_t i = 0; i < wider.size(); ++i)
        side.push_back(dot(basis.row[i], slope));
    for (std::size_t i = 0; i < wider.size(); ++i)
        wider[i].push_back(side[i]);
    side.push_back(dot(slope, slope));
    wider.push_back(side);
    Vector y = right_side(basis, x);
    y.push_back(dot(slope, x));
    return solve(root_of(std::move(wider)), std::move(y)).back();
}

} // namespace

Fit fit_sines(const std::vector<std::vector<double>>& channels, long double rate_hz) {
    const Vector first(channels.front().begin(), channels.front().end());
    Fit fit;
    fit.f_hz = first_guess(channels.front(), rate_hz);
    for (int pass = 0; pass < 12; ++pass) {
        const Basis basis{fit.f_hz, first.size(), rate_hz};
        const std::vector<Vector> matrix = normal_matrix(basis);
        const Vector amplitude = solve(root_of(matrix), right_side(basis, first));
        const Real step = correction(basis, matrix, first, amplitude, rate_hz);
        fit.f_hz += step;
        if (std::abs(step) < 1e-12L)
            break;
    }
    const Basis basis{fit.f_hz, first.size(), rate_hz};
    const std::vector<Vector> root = root_of(normal_matrix(basis));
    for (const std::vector<double>& channel : channels) {
        const Vector x(channel.begin(), channel.end());
        const Vector amplitude = solve(root, right_side(basis, x));
        std::vector<std::complex<Real>> phasors{amplitude[0]};
        // a cos + b sin = sqrt(2) Im{X e^(j h w t)}: X = (b + j a) / sqrt(2)
        for (std::size_t h = 1; h <= oracle_orders; ++h)
            phasors.emplace_back(amplitude[2 * h] / std::numbers::sqrt2_v<Real>,
                                 amplitude[2 * h - 1] / std::numbers::sqrt2_v<Real>);
        fit.phasors.push_back(std::move(phasors));
    }
    return fit;
}

} // namespace kpmsim::test
