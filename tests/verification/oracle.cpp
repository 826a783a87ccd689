// x(t) = c0 + sum over h of (a_h cos h w t + b_h sin h w t)
//           + sum over tones k of (p_k cos v_k t + q_k sin v_k t), t counted from the middle.
//
// For given w, v_k the a, b, p, q follow from the normal equations. The harmonics' part of their
// matrix needs no products of samples, for cos A cos B = (cos(A - B) + cos(A + B)) / 2 and so on:
// it is made of C(m) = sum cos(m w t); the sums of sines are 0, for the times lie evenly about 0. w
// and the v_k are further unknowns, whose columns are
//     dx/dw = sum h t (b_h cos h w t - a_h sin h w t)
//     dx/dv = t (q cos v t - p sin v t)
// with the amplitudes of the step before (Gauss-Newton). The search starts from the strongest line
// of a Hann-weighted spectrum between 40 and 70 Hz.
//
// Tones are found one by one: the strongest line of what the fit leaves becomes one, then all
// frequencies are refined together. A tone that takes away less than half of what was left is none
// (an edge's spectrum is broad), and the search ends.
#include "oracle.hpp"

#include "least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace kpmsim::test {

namespace {

using Complex = std::complex<Real>;

constexpr Real two_pi = 2 * std::numbers::pi_v<Real>;
constexpr std::size_t harmonic_unknowns = 1 + 2 * oracle_orders; // c0, a_1, b_1, a_2, …
constexpr Real nothing_left = 1e-9L;                             // of the fundamental
constexpr Real small_step_hz = 1e-9L; // the one after it is below 1e-15 Hz

Real time_of(std::size_t n, std::size_t count, Real rate_hz) {
    return (static_cast<Real>(n) - static_cast<Real>(count - 1) / 2) / rate_hz;
}

/// The strongest line of the Hann-weighted samples, on a grid of `step_hz`; by Goertzel's
/// recursion, in double, for it is only where the search starts.
Real strongest_line(const Vector& x, Real rate_hz, Real from_hz, Real to_hz, Real step_hz) {
    std::vector<double> weighted;
    for (std::size_t n = 0; n < x.size(); ++n)
        weighted.push_back(static_cast<double>(
            x[n] *
            (1 - std::cos(two_pi * (static_cast<Real>(n) + 0.5L) / static_cast<Real>(x.size())))));
    double best = 0;
    Real best_f = from_hz;
    const auto lines = static_cast<int>((to_hz - from_hz) / step_hz);
    for (int line = 0; line <= lines; ++line) {
        const Real f = from_hz + line * step_hz;
        const auto twice_cosine = static_cast<double>(2 * std::cos(two_pi * f / rate_hz));
        double last = 0;
        double before = 0;
        for (const double w : weighted)
            before = std::exchange(last, w + twice_cosine * last - before);
        const double square = last * last + before * before - twice_cosine * last * before;
        if (square > best) {
            best = square;
            best_f = f;
        }
    }
    return best_f;
}

/// Rows of cos and sin of each order and tone, one column a sample; others may be put behind them.
struct Basis {
    std::vector<Vector> row; // 1, cos 1, sin 1, cos 2, …, cos and sin of each tone
    Vector c;                // C(m), m to 100

    Basis(const Fit& fit, std::size_t count, Real rate_hz)
        : row(harmonic_unknowns, Vector(count)), c(2 * oracle_orders + 1) {
        for (std::size_t n = 0; n < count; ++n) {
            const Complex step =
                std::polar(Real{1}, two_pi * fit.f_hz * time_of(n, count, rate_hz));
            Complex z = 1;
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
        for (const FoundTone& tone : fit.tones) {
            Vector cosine(count);
            Vector sine(count);
            for (std::size_t n = 0; n < count; ++n) {
                const Real angle = two_pi * tone.f_hz * time_of(n, count, rate_hz);
                cosine[n] = std::cos(angle);
                sine[n] = std::sin(angle);
            }
            row.push_back(std::move(cosine));
            row.push_back(std::move(sine));
        }
    }

    /// Sum of the products of two of the harmonics' rows.
    Real product(std::size_t i, std::size_t j) const {
        const std::size_t h = (i + 1) / 2;
        const std::size_t k = (j + 1) / 2;
        const bool sine_i = i > 0 && i % 2 == 0;
        const bool sine_j = j > 0 && j % 2 == 0;
        if (sine_i != sine_j)
            return 0;
        const Real less = c[h > k ? h - k : k - h];
        const Real more = c[h + k];
        return (sine_i ? less - more : less + more) / 2;
    }
};

/// The products of row i with those before it and itself.
Vector products(const Basis& basis, std::size_t i) {
    Vector line;
    for (std::size_t j = 0; j <= i; ++j)
        line.push_back(i < harmonic_unknowns ? basis.product(i, j)
                                             : dot(basis.row[i], basis.row[j]));
    return line;
}

std::vector<Vector> normal_root(const Basis& basis) {
    std::vector<Vector> matrix;
    for (std::size_t i = 0; i < basis.row.size(); ++i)
        matrix.push_back(products(basis, i));
    return root_of(std::move(matrix));
}

Vector right_side(const Basis& basis, const Vector& x) {
    Vector y;
    for (const Vector& row : basis.row)
        y.push_back(dot(row, x));
    return y;
}

Vector amplitudes(const Basis& basis, const Vector& x) {
    return solve(normal_root(basis), right_side(basis, x));
}

Vector left_over(const Basis& basis, const Vector& amplitude, Vector x) {
    for (std::size_t i = 0; i < basis.row.size(); ++i)
        for (std::size_t n = 0; n < x.size(); ++n)
            x[n] -= amplitude[i] * basis.row[i][n];
    return x;
}

/// Derivatives of the samples by each frequency, the fundamental's first.
std::vector<Vector> slopes(const Basis& basis, const Vector& amplitude, std::size_t count,
                           Real rate_hz) {
    const auto turned = [&](std::size_t cosine, Real factor, Vector& into) {
        for (std::size_t n = 0; n < count; ++n)
            into[n] += factor * (amplitude[cosine + 1] * basis.row[cosine][n] -
                                 amplitude[cosine] * basis.row[cosine + 1][n]);
    };
    std::vector<Vector> slope(1, Vector(count));
    for (std::size_t h = 1; h <= oracle_orders; ++h)
        turned(2 * h - 1, static_cast<Real>(h), slope[0]);
    for (std::size_t i = harmonic_unknowns; i < basis.row.size(); i += 2)
        turned(i, 1, slope.emplace_back(count));
    for (Vector& s : slope)
        for (std::size_t n = 0; n < count; ++n)
            s[n] *= two_pi * time_of(n, count, rate_hz);
    return slope;
}

/// Gauss-Newton on all frequencies; false where it came to nothing.
bool refine(Fit& fit, const Vector& x, Real rate_hz, int passes = 8) {
    for (int pass = 0; pass < passes; ++pass) {
        Basis basis{fit, x.size(), rate_hz};
        const std::size_t linear = basis.row.size();
        std::vector<Vector> root = normal_root(basis);
        Vector side = right_side(basis, x);
        for (Vector& slope : slopes(basis, solve(root, side), x.size(), rate_hz)) {
            basis.row.push_back(std::move(slope));
            root.push_back(products(basis, basis.row.size() - 1));
            side.push_back(dot(basis.row.back(), x));
        }
        const Vector step = solve(root_of(std::move(root), linear), std::move(side));
        Real greatest = 0;
        for (std::size_t k = 0; k <= fit.tones.size(); ++k) {
            const Real by_hz = step[linear + k];
            (k == 0 ? fit.f_hz : fit.tones[k - 1].f_hz) += by_hz;
            greatest = std::max(greatest, std::abs(by_hz));
        }
        if (!(fit.f_hz > 30 && fit.f_hz < 80))
            return false;
        if (greatest < small_step_hz)
            break;
        if (pass > 3 && greatest > 1e-3L)
            return false; // wanders: there is no such tone
    }
    return true;
}

/// a cos + b sin = sqrt(2) Im{X e^(j w t)}: X = (b + j a) / sqrt(2)
Complex phasor(const Vector& amplitude, std::size_t cosine) {
    return Complex{amplitude[cosine + 1], amplitude[cosine]} / std::numbers::sqrt2_v<Real>;
}

/// Puts phasors and residual into a fit whose frequencies stand.
void fill(Fit& fit, const std::vector<std::vector<double>>& channels, Real rate_hz) {
    const Basis basis{fit, channels.front().size(), rate_hz};
    const std::vector<Vector> root = normal_root(basis);
    for (const std::vector<double>& channel : channels) {
        const Vector x(channel.begin(), channel.end());
        const Vector amplitude = solve(root, right_side(basis, x));
        std::vector<Complex> orders{amplitude[0]};
        for (std::size_t h = 1; h <= oracle_orders; ++h)
            orders.push_back(phasor(amplitude, 2 * h - 1));
        for (std::size_t k = 0; k < fit.tones.size(); ++k)
            fit.tones[k].phasors.push_back(phasor(amplitude, harmonic_unknowns + 2 * k));
        if (fit.phasors.empty()) {
            const Vector left = left_over(basis, amplitude, x);
            fit.residual =
                std::sqrt(dot(left, left) / static_cast<Real>(x.size())) / std::abs(orders[1]);
        }
        fit.phasors.push_back(std::move(orders));
    }
}

/// What a fit of these frequencies leaves of the samples.
Vector left_by(const Fit& fit, const Vector& x, Real rate_hz) {
    const Basis basis{fit, x.size(), rate_hz};
    return left_over(basis, amplitudes(basis, x), x);
}

void find_tones(Fit& fit, const Vector& x, Real rate_hz) {
    const Real enough = nothing_left * nothing_left * dot(x, x);
    Vector left = left_by(fit, x, rate_hz);
    while (fit.tones.size() < oracle_tones && dot(left, left) > enough) {
        const Real bin = rate_hz / static_cast<Real>(x.size());
        const Real highest = std::min(oracle_orders * fit.f_hz, rate_hz / 2 - bin);
        Fit further = fit;
        further.tones.push_back({strongest_line(left, rate_hz, bin, highest, bin / 2), {}});
        if (!refine(further, x, rate_hz))
            return;
        Vector less = left_by(further, x, rate_hz);
        if (!(dot(less, less) < dot(left, left) / 2))
            return;
        fit = std::move(further);
        left = std::move(less);
    }
}

} // namespace

Fit fit_sines(const std::vector<std::vector<double>>& channels, long double rate_hz) {
    const Vector first(channels.front().begin(), channels.front().end());
    Fit fit;
    fit.f_hz = strongest_line(first, rate_hz, 40, 70, 0.5L);
    refine(fit, first, rate_hz);
    find_tones(fit, first, rate_hz);
    fill(fit, channels, rate_hz);
    return fit;
}

Fit fit_sines(const std::vector<std::vector<double>>& channels, long double rate_hz,
              const Fit& start) {
    const Vector first(channels.front().begin(), channels.front().end());
    Fit fit;
    fit.f_hz = start.f_hz;
    for (const FoundTone& tone : start.tones)
        fit.tones.push_back({tone.f_hz, {}});
    refine(fit, first, rate_hz, 3); // enough near the solution, and elsewhere the residual tells
    fill(fit, channels, rate_hz);
    return fit;
}

long double value_at(const Fit& fit, std::size_t channel, long double at_s) {
    const auto wave = [&](const Complex& x, Real f_hz) {
        return std::numbers::sqrt2_v<Real> * (x * std::polar(Real{1}, two_pi * f_hz * at_s)).imag();
    };
    const std::vector<Complex>& orders = fit.phasors[channel];
    Real sum = orders[0].real();
    for (std::size_t h = 1; h < orders.size(); ++h)
        sum += wave(orders[h], static_cast<Real>(h) * fit.f_hz);
    for (const FoundTone& tone : fit.tones)
        sum += wave(tone.phasors[channel], tone.f_hz);
    return sum;
}

} // namespace kpmsim::test
