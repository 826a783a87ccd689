// A sine of rms phasor X and frequency f, x = sqrt(2) Re{X e^(jwt)}, times sqrt(2) e^(-j w0 t) and
// weighed with a window w around c gives
//
//   S = a V(f - f0) + conj(a) e^(-2j w0 c) V(f + f0),  a = X e^(j (w - w0) c)
//
// with V the window's real spectrum. w is two boxes of one nominal cycle after one another, a
// triangle two cycles long: V(d) = (sin(pi d N / r) / (N sin(pi d / r)))^2, with N rows a cycle and
// r rows a second, which is nothing at every multiple of f0, so the nominal frequency's harmonics
// are gone. Off nominal the second term, the mirror, is not: 4e-4 at 2 Hz. But with f known both
// terms are, and from S and conj(S)
//
//   a = (V1 S - q conj(S)) / (V1^2 - |q|^2),  q = e^(-2j w0 c) V(f + f0)
//
// f comes from the turn of a between c - N and c + N, its rate from the difference of the two
// halves; begun with f0, each pass leaves about a hundredth of the error of the pass before.
//
// Where f moves at the rate R, the phase at c is seen as its mean through the window, pi R s too
// much with s the window's second moment: 2e-4 rad at 1 Hz/s. It is left in: taken off by the rate
// just found, it would make a step of the phase overshoot by 5 %.
#include "quality/phasor_estimator.hpp"

#include <array>
#include <cassert>
#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

using Complex = std::complex<double>;
constexpr double pi = std::numbers::pi;
constexpr int passes = 12;

std::int64_t rows_per_cycle(double rate_hz, double nominal_hz) {
    const double rows = rate_hz / nominal_hz;
    assert(std::abs(rows - std::round(rows)) < 1e-9);
    return std::llround(rows);
}

/// e^(-j w0 row), by the place in the cycle.
Complex back_turn(std::int64_t row, std::int64_t cycle) {
    return std::polar(1.0, -2 * pi * static_cast<double>(row % cycle) / static_cast<double>(cycle));
}

Complex demodulated(std::span<const double> x, std::int64_t cycle, std::int64_t row) {
    const double rows = static_cast<double>(cycle);
    Complex sum{};
    for (std::int64_t k = 1 - cycle; k < cycle; ++k) {
        const double weight = (rows - std::abs(static_cast<double>(k))) / (rows * rows);
        sum += weight * x[static_cast<std::size_t>(row + k)] * back_turn(row + k, cycle);
    }
    return std::numbers::sqrt2 * sum;
}

/// The window's spectrum at `turns` a row.
double response(double turns, std::int64_t cycle) {
    const double rows = static_cast<double>(cycle);
    const double down = rows * std::sin(pi * turns);
    const double box = std::abs(down) < 1e-9 ? 1.0 : std::sin(pi * turns * rows) / down;
    return box * box;
}

} // namespace

std::int64_t phasor_reach(double rate_hz, double nominal_hz) {
    return 2 * rows_per_cycle(rate_hz, nominal_hz) - 1;
}

PhasorReport estimate_phasor(std::span<const double> samples, double rate_hz, double nominal_hz,
                             std::int64_t row) {
    const std::int64_t cycle = rows_per_cycle(rate_hz, nominal_hz);
    assert(row >= 2 * cycle - 1 && row + 2 * cycle <= static_cast<std::int64_t>(samples.size()));
    const std::array<std::int64_t, 3> at{row - cycle, row, row + cycle};
    std::array<Complex, 3> seen;
    std::array<Complex, 3> mirror;
    for (std::size_t n = 0; n < at.size(); ++n) {
        seen[n] = demodulated(samples, cycle, at[n]);
        mirror[n] = back_turn(2 * at[n], cycle);
    }
    const double apart_s = static_cast<double>(cycle) / rate_hz;
    PhasorReport report;
    report.f_hz = nominal_hz;
    for (int pass = 0; pass < passes; ++pass) {
        const double direct = response((report.f_hz - nominal_hz) / rate_hz, cycle);
        const double mirrored = response((report.f_hz + nominal_hz) / rate_hz, cycle);
        std::array<Complex, 3> a;
        for (std::size_t n = 0; n < a.size(); ++n)
            a[n] = (direct * seen[n] - mirrored * mirror[n] * std::conj(seen[n])) /
                   (direct * direct - mirrored * mirrored);
        const double before = std::arg(a[1] * std::conj(a[0]));
        const double after = std::arg(a[2] * std::conj(a[1]));
        report.phasor = a[1];
        report.f_hz = nominal_hz + (before + after) / (4 * pi * apart_s);
        report.rocof_hz_per_s = (after - before) / (2 * pi * apart_s * apart_s);
    }
    return report;
}

} // namespace kpmsim
