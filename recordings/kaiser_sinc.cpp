// Why the interpolator is right, and how far.
//
// Let x[k] be samples of exp(2 pi i v t), v cycles per sample. The sum over k of x[k] g(u - k) is,
// by Poisson's formula, the sum over whole m of G(v - m) exp(2 pi i (v - m) u), where G is the
// Fourier transform of g. It is right if G(v) = 1 and G(v - m) = 0 for all other m.
//
// g is the impulse response of an ideal low-pass with edge c times the window w, so G is the
// window's transform W, integrated:  G(s) = integral of W from s - c to s + c.  Since w(0) = 1, all
// of W integrates to 1, and with the tail A(d) = integral of W from d to infinity,
//
//     1 - G(s) = A(c - s) + A(c + s)   inside the edge,
//         G(s) = A(s - c) - A(s + c)   outside.
//
// Everything hangs on A at the least distance d from the edge. For the Kaiser window of half-length
// T, W(s) = 2 T sin(r)/(I0(beta) r) with r^2 = (2 pi T s)^2 - beta^2; its main lobe ends near
// 2 pi T s = beta. Take beta = 2 pi T d, so that only side lobes count. With r as the variable,
//
//     A = 1/(pi I0(beta)) * integral of sin(r)/sqrt(r^2 + beta^2) from r_d on,
//
// an alternating integral under a falling envelope: no more than its first half-wave, which is at
// most 2/beta. So |A| <= 2/(pi beta I0(beta)). Four such tails stand next to v (two of the pass
// band, two of the nearest image); those of further images come in pairs that cancel as 1/m^2. The
// bound stated is four tails: 8/(pi beta I0(beta)).
//
// The edge lies at half of the source's rate or half of the reader's, whichever is lower: c =
// min(1/2, R/(2 N)) for N samples per cycle of the source and R of the reader. What would fold onto
// order h in the reader is then as far outside the edge as h is inside: d = c - h/N.
//
// The grid is not always at its nominal frequency; where there is room, beta is taken for a frequency
// 6 % high: 2 pi T (c - 1.06 h/N). It stops at 30, where rounding takes over, and does not fall
// below 16 for that room's sake. A reader slower than the source gets more taps, so that beta stays
// at 26 or more.
//
//     N       T     c       beta    bound     measured, orders 1 to 31
//     80      24    1/2     16      1.8e-7    3.9e-8     4 kHz at 50 Hz
//     96      24    1/2     23.78   6.4e-11   1.3e-11    4.8 kHz
//     128     24    1/2     30      2.2e-12   4e-13      6.4 kHz
//     256     35    1/4     26.75   6e-12     7e-13      12.8 kHz
//     1024    137   1/16    26.18   7.4e-12   8e-13      51.2 kHz
//
// (the bounds with 2e-12 for the table and the rounding). With 80 samples per cycle there is no
// room: order 31 is wrong by 3e-7 when f is 2 % high and 1.5e-5 at 4 %, order 30 by 1.4e-6 at 6 %,
// order 29 keeps the bound.
//
// With beta of at least 16 order h needs N >= h/(1/2 - 16/(48 pi)) = 2.539 h: order 31 needs 78.7
// samples per cycle, 3935.1 Hz at 50 Hz.
//
// Between the rows of the table, 1/(2048 c) of a sample apart, a cubic through four rows is wrong by
// 3/128 (2 pi v/rows)^4 of the tone: below 8e-13 for v = 0.39 and 1024 rows.
//
// Sine, Bessel function and window are computed here with +, *, / and sqrt alone, which every
// machine rounds alike; the same recording gives the same samples to the bit.

#include "recordings/kaiser_sinc.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

constexpr double pi = 3.141592653589793238;
constexpr double two_pi = 2.0 * pi;
constexpr double room_for_frequency = 1.06;
constexpr int shortest_half = 24;
constexpr double most_beta = 30.0;
constexpr double beta_of_slow_readers = 26.0;

/// sin(pi x): x less its nearest whole number n, then the Taylor series to the power 23 (the next
/// term is below (pi/2)^25/25! = 5e-21).
double sin_half_turns(double x) {
    const double whole = std::floor(x + 0.5);
    const double y = (x - whole) * pi;
    const double square = y * y;
    double sum = 1.0;
    for (int k = 22; k >= 2; k -= 2)
        sum = 1.0 - square / (static_cast<double>(k) * (k + 1)) * sum;
    const bool odd = whole * 0.5 != std::floor(whole * 0.5);
    return odd ? -y * sum : y * sum;
}

/// The modified Bessel function I0: sum of ((x/2)^k/k!)^2, all terms positive.
double bessel_i0(double x) {
    const double quarter = x * x / 4.0;
    double term = 1.0;
    double sum = 1.0;
    for (int k = 1; k < 200 && term > sum * 1e-18; ++k) {
        term *= quarter / (static_cast<double>(k) * k);
        sum += term;
    }
    return sum;
}

double impulse(const SincDesign& design, double scale, double t) {
    const double part = t / design.half;
    const double inside = 1.0 - part * part;
    if (!(inside > 0.0))
        return 0.0;
    const double sinc = std::abs(t) < 1e-9 ? 2.0 * design.cutoff
                                           : sin_half_turns(2.0 * design.cutoff * t) / (pi * t);
    return sinc * bessel_i0(design.beta * std::sqrt(inside)) * scale;
}

} // namespace

SincDesign design_sinc(double samples_per_cycle, int highest_order, int wanted_per_cycle) {
    SincDesign design;
    design.half = shortest_half;
    design.cutoff = std::min(0.5, wanted_per_cycle / (2.0 * samples_per_cycle));
    const double order = highest_order / samples_per_cycle;
    const double distance = design.cutoff - order;
    const double with_room = design.cutoff - room_for_frequency * order;
    if (!(distance > 0.0))
        return design;
    if (design.cutoff < 0.5) {
        design.half =
            std::max(shortest_half,
                     static_cast<int>(std::ceil(beta_of_slow_readers / (two_pi * with_room))));
    }
    design.beta = std::min(most_beta, two_pi * design.half * with_room);
    if (design.beta < least_beta)
        design.beta = std::min(least_beta, two_pi * design.half * distance);
    return design;
}

double least_samples_per_cycle(int highest_order) {
    return highest_order / (0.5 - least_beta / (two_pi * shortest_half));
}

double sinc_error(const SincDesign& design) {
    return 8.0 / (pi * design.beta * bessel_i0(design.beta)) + 2e-12;
}

SincTable::SincTable(const SincDesign& design)
    : design_{design}, phases_{std::max(16, static_cast<int>(std::ceil(2048.0 * design.cutoff)))} {
    const double scale = 1.0 / bessel_i0(design.beta);
    rows_.reserve(static_cast<std::size_t>(phases_ + 3) * static_cast<std::size_t>(taps()));
    for (int row = -1; row <= phases_ + 1; ++row)
        for (int k = 1 - design.half; k <= design.half; ++k)
            rows_.push_back(impulse(design, scale, static_cast<double>(row) / phases_ - k));
}

void SincTable::weights(double fraction, std::span<double> out) const {
    const double place = fraction * phases_;
    const int row = std::min(static_cast<int>(place), phases_ - 1);
    const double r = place - row;
    // Lagrange's cubic through the rows at -1, 0, 1, 2.
    const double before = -r * (r - 1.0) * (r - 2.0) / 6.0;
    const double here = (r + 1.0) * (r - 1.0) * (r - 2.0) / 2.0;
    const double next = -(r + 1.0) * r * (r - 2.0) / 2.0;
    const double after = (r + 1.0) * r * (r - 1.0) / 6.0;
    const auto width = static_cast<std::size_t>(taps());
    const double* a = rows_.data() + static_cast<std::size_t>(row) * width;
    for (std::size_t k = 0; k < width; ++k) {
        out[k] = before * a[k] + here * a[k + width] + next * a[k + 2 * width] +
                 after * a[k + 3 * width];
    }
}

} // namespace kpmsim
