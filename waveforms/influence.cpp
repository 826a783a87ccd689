#include "waveforms/influence.hpp"

#include "waveforms/sine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

// The sine sqrt(2) sin(theta) that conducts from a to b alone has, of order h,
//     Re X_h = 1/pi int sin(theta) sin(h theta),   Im X_h = 1/pi int sin(theta) cos(h theta), or
//     Re X_h = 1/2pi [ sin((h-1) theta)/(h-1) - sin((h+1) theta)/(h+1) ] from a to b,
//     Im X_h = 1/2pi [ cos((h-1) theta)/(h-1) - cos((h+1) theta)/(h+1) ] from a to b,
// (h = 1: theta and 0 stand for the first terms), and X_0 = -1/(sqrt(2) pi) [cos(theta)] from a to
// b. All its power lies in the order it has in common with the voltage, a pure sine: P = Re X_1,
// Q1 = -Im X_1. All orders together have the rms of the part that conducts:
//     I^2 = 1/pi int sin^2 = 1/2pi [ theta - sin(2 theta)/2 ].
//
// Sampling at 128 a cycle cannot hold the orders from 64 on; they would fold down. So the sampled
// wave is the series up to order 50, and its figures are sums over these.

namespace kpmsim {
namespace {

using Complex = std::complex<double>;
constexpr double pi = std::numbers::pi;
constexpr double root2 = std::numbers::sqrt2;

SinCos at(int order, double angle_deg) {
    return sin_cos(turn_of_degrees(static_cast<double>(order) * angle_deg));
}

double thd_percent(double square, double fundamental) {
    return fundamental > 0.0 ? 100.0 * std::sqrt(std::max(square, 0.0)) / fundamental : 0.0;
}

Spectrum with_harmonics(const std::vector<Harmonic>& harmonics) {
    Spectrum out;
    out[1] = 1.0;
    for (const Harmonic& h : harmonics)
        out[h.order] = h.fraction * phasor(turn_of_degrees(h.angle_deg));
    return out;
}

/// A wave with few orders: nothing is lost.
PeriodicWave written(std::string_view name, std::vector<Harmonic> voltage,
                     const std::vector<Harmonic>& current) {
    PeriodicWave out{name, std::move(voltage), {}, with_harmonics(current), {}};
    out.u = with_harmonics(out.voltage);
    out.unlimited = figures_of(out.u, out.i);
    return out;
}

/// The figures of a wave of this rms with all orders, against a sine; what lies up to order 31 is
/// in the sampled wave, too.
WaveFigures unlimited(const Spectrum& u, const Spectrum& i, double i_rms) {
    WaveFigures out = figures_of(u, i);
    out.i_rms = i_rms;
    out.thd_i_all = thd_percent(i_rms * i_rms - out.i_dc * out.i_dc - out.i_1 * out.i_1, out.i_1);
    return out;
}

PeriodicWave cut(std::string_view name, const std::vector<Conduction>& conducts) {
    PeriodicWave out{name, {}, with_harmonics({}), cut_sine(conducts), {}};
    double square = 0.0;
    for (const Conduction& c : conducts)
        square += (c.to_deg - c.from_deg) / 360.0 -
                  (at(2, c.to_deg).sin - at(2, c.from_deg).sin) / (4.0 * pi);
    out.unlimited = unlimited(out.u, out.i, std::sqrt(square));
    return out;
}

/// +1 and -1 for half a cycle each.
PeriodicWave square_wave() {
    PeriodicWave out{"square", {}, with_harmonics({}), {}, {}};
    for (int h = 1; h < Spectrum::orders; h += 2)
        out.i[h] = 2.0 * root2 / (pi * h);
    out.unlimited = unlimited(out.u, out.i, 1.0);
    return out;
}

std::vector<PeriodicWave> make_waves() {
    std::vector<PeriodicWave> out;
    out.push_back(written(
        "quadriform",
        {{3, 0.038, 180}, {5, 0.024, 180}, {7, 0.017, 180}, {11, 0.010, 180}, {13, 0.008, 180}},
        {{3, 0.30, 0}, {5, 0.18, 0}, {7, 0.14, 0}, {11, 0.09, 0}, {13, 0.05, 0}}));
    out.push_back(written(
        "peaked", {{3, 0.038, 0}, {5, 0.024, 180}, {7, 0.017, 0}, {11, 0.010, 0}, {13, 0.008, 180}},
        {{3, 0.30, 180}, {5, 0.18, 0}, {7, 0.14, 180}, {11, 0.09, 180}, {13, 0.05, 0}}));
    out.push_back(written("fifth-harmonic", {{5, 0.10, 0}}, {{5, 0.40, 0}}));
    out.push_back(cut("phase-fired-90", {{90, 180}, {270, 360}}));
    out.push_back(cut("phase-fired-135", {{135, 180}, {315, 360}}));
    out.push_back(cut("half-wave", {{0, 180}}));
    out.push_back(square_wave());
    return out;
}

} // namespace

Spectrum cut_sine(std::span<const Conduction> conducts) {
    Spectrum out;
    for (const Conduction& c : conducts) {
        const auto rise = [&](int order) { // of sin and cos of order theta, over order
            const SinCos a = at(order, c.from_deg);
            const SinCos b = at(order, c.to_deg);
            return Complex{b.sin - a.sin, b.cos - a.cos} / static_cast<double>(order);
        };
        out[0] -= rise(1).imag() / (root2 * pi);
        out[1] += (c.to_deg - c.from_deg) / 360.0 - rise(2) / (2.0 * pi);
        for (int h = 2; h < Spectrum::orders; ++h)
            out[h] += (rise(h - 1) - rise(h + 1)) / (2.0 * pi);
    }
    return out;
}

WaveFigures figures_of(const Spectrum& u, const Spectrum& i) {
    WaveFigures out;
    double u_square = 0.0;
    double i_square = 0.0;
    double u_low = 0.0;
    double i_low = 0.0;
    double i_high = 0.0;
    for (int h = 0; h < Spectrum::orders; ++h) {
        out.p += (u[h] * std::conj(i[h])).real();
        u_square += std::norm(u[h]);
        i_square += std::norm(i[h]);
        if (h >= 2) {
            (h <= 31 ? i_low : i_high) += std::norm(i[h]);
            u_low += h <= 31 ? std::norm(u[h]) : 0.0;
        }
    }
    out.q1 = (u[1] * std::conj(i[1])).imag();
    out.u_rms = std::sqrt(u_square);
    out.i_rms = std::sqrt(i_square);
    out.i_dc = i[0].real();
    out.i_1 = std::sqrt(std::norm(i[1]));
    out.thd_u = thd_percent(u_low, std::sqrt(std::norm(u[1])));
    out.thd_i = thd_percent(i_low, out.i_1);
    out.thd_i_all = thd_percent(i_low + i_high, out.i_1);
    return out;
}

std::span<const PeriodicWave> periodic_waves() {
    static const std::vector<PeriodicWave> waves = make_waves();
    return waves;
}

const PeriodicWave* find_wave(std::string_view name) {
    for (const PeriodicWave& wave : periodic_waves())
        if (wave.name == name)
            return &wave;
    return nullptr;
}

} // namespace kpmsim
