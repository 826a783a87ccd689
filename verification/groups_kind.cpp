// IEC 61000-4-7 bins and groups of a fundamental and tones anywhere, locked sampling.
//
// A tone of rms U, angle p, w radians a row, has in N rows the bin k (rms phasor)
//     C_k = U/N ( e^(jp) D(w - 2 pi k/N) - e^(-jp) D(-w - 2 pi k/N) )
//     D(x) = e^(j x (N-1)/2) sin(N x/2) / sin(x/2)
// and the groups are written out below from the standard's definitions.
//
//   bins, subgroups, groups, interharmonic subgroups, interharmonic groups   of the fundamental
#include "quality/harmonic_groups.hpp"
#include "verification/digitise.hpp"
#include "verification/tones.hpp"

#include <cmath>
#include <complex>
#include <numbers>

namespace kpmsim {

namespace {

using Phasor = std::complex<double>;
constexpr double two_pi = 2 * std::numbers::pi;

Phasor dirichlet(double x, int rows) {
    const double half = std::sin(x / 2);
    if (std::abs(half) < 1e-12)
        return rows;
    return std::polar(1.0, x * (rows - 1) / 2) * (std::sin(rows * x / 2) / half);
}

Phasor bin_of(const std::vector<Tone>& tones, int k, int rows, int cycles) {
    Phasor sum;
    for (const Tone& t : tones) {
        const double w = two_pi * t.order * cycles / rows;
        const double at = two_pi * k / rows;
        sum += t.rms / rows *
               (std::polar(1.0, t.angle) * dirichlet(w - at, rows) -
                std::polar(1.0, -t.angle) * dirichlet(-w - at, rows));
    }
    return sum;
}

void run(const ToneCase& c, Draw draw, Mode mode, Errors& errors) {
    const int n = c.cycles;
    const int rows = n * samples_per_cycle;
    const std::vector<Tone> tones = draw_tones(c, draw);
    const double u1 = tones[0].rms;
    std::vector<double> x = rows_of(tones, n);
    Digitiser{mode, draw.stream("converter")}(x);
    const BinSpectrum got = spectrum_of(x, n);

    std::vector<double> square;
    for (int k = 0; k <= n * max_group_order + n; ++k) {
        const Phasor right = bin_of(tones, k, rows, n);
        if (k > 0) // DC does not count among them
            errors.add("bins", std::abs(got.bins[static_cast<std::size_t>(k)] - right) / u1);
        square.push_back(std::norm(right));
    }
    const auto sum = [&](int from, int to) {
        double s = 0;
        for (int k = from; k <= to; ++k)
            s += square[static_cast<std::size_t>(k)];
        return s;
    };
    const auto check = [&](const char* name, double value, double right_square) {
        errors.add(name, (value - std::sqrt(right_square)) / u1);
    };
    for (int h = 1; h <= max_group_order; ++h) {
        const int m = h * n;
        check("subgroups", harmonic_subgroup(got, h), sum(m - 1, m + 1));
        check("groups", harmonic_group(got, h),
              (sum(m - n / 2, m - n / 2) + sum(m + n / 2, m + n / 2)) / 2 +
                  sum(m - n / 2 + 1, m + n / 2 - 1));
        check("interharmonic subgroups", interharmonic_subgroup(got, h), sum(m + 2, m + n - 2));
        check("interharmonic groups", interharmonic_group(got, h), sum(m + 1, m + n - 1));
    }
}

} // namespace

Run groups_kind(TomlTable& signal) {
    ToneCase c;
    take(signal, c);
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
