// Blocks of IEC 61000-4-15:
//
//   1  u / Ur, Ur^2 being u^2 through a first-order low-pass of 27.3 s. A mean over half cycles in
//      front of it would beat with the carrier wherever a half cycle is no whole number of samples
//      (0.8 % of Pinst at 60 Hz and 4 kHz); the low-pass alone leaves 6e-5 of ripple at 2 f, where
//      nothing hears it. The reference is thus the rms of the modulated voltage: a rectangle of
//      depth d raises it to sqrt(1 + d^2/4), which is all that bends Pst against d.
//   2  squared: a modulation of depth d (full step, or peak to peak) is then an amplitude d around 1
//   3  H(s) = s / (s + 2 pi 0.05)                                        no DC
//             x Butterworth, 6th order, 35 Hz (50 Hz) or 42 Hz (60 Hz)   no carrier
//             x K w1 s / (s^2 + 2 lambda s + w1^2)
//             x (1 + s/w2) / ((1 + s/w3) (1 + s/w4))                     lamp and eye
//   4  squared, then 1 / (1 + 0.3 s s): Pinst, scaled
//   5  statistics (flicker_statistics.hpp)
//
// Every factor becomes a section by the bilinear transform s = c (z - 1) / (z + 1) with c = 2 fs;
// the Butterworth's c is chosen so that its corner stays put.
//
// The scale. A sine of 8.8 Hz and depth d leaves block 3 with amplitude a = d |H(8.8)|; squared that
// is a^2 / 2 (1 - cos(2 pi 17.6 t)), and behind the 0.3 s filter M its greatest value is
// a^2 / 2 (1 + |M(17.6)|). The table says that this is 1 at d = 0.250 % (230 V) and 0.321 % (120 V).
#include "quality/flickermeter.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;
constexpr double series_at_least_hz = 1000;

struct Lamp {
    double k, lambda_hz, w1_hz, w2_hz, w3_hz, w4_hz;
    double threshold; // depth at 8.8 Hz that is just perceived
};
constexpr Lamp lamp_230{1.74802, 4.05981, 9.15494, 2.27979, 1.22535, 21.9, 0.00250};
constexpr Lamp lamp_120{1.6357, 4.167375, 9.077169, 2.939902, 1.394468, 17.31512, 0.00321};

/// (n0 + n1 s + n2 s^2) / (d0 + d1 s + d2 s^2) in z, s = c (z - 1) / (z + 1).
FilterSection bilinear(std::array<double, 3> n, std::array<double, 3> d, double c) {
    const double a0 = d[0] + d[1] * c + d[2] * c * c;
    FilterSection f;
    f.b0 = (n[0] + n[1] * c + n[2] * c * c) / a0;
    f.b1 = 2 * (n[0] - n[2] * c * c) / a0;
    f.b2 = (n[0] - n[1] * c + n[2] * c * c) / a0;
    f.a1 = 2 * (d[0] - d[2] * c * c) / a0;
    f.a2 = (d[0] - d[1] * c + d[2] * c * c) / a0;
    return f;
}

/// A first-order factor: no pole and zero at z = -1 that would have to cancel.
FilterSection first_order(std::array<double, 2> n, std::array<double, 2> d, double c) {
    const double a0 = d[0] + d[1] * c;
    FilterSection f;
    f.b0 = (n[0] + n[1] * c) / a0;
    f.b1 = (n[0] - n[1] * c) / a0;
    f.a1 = (d[0] - d[1] * c) / a0;
    return f;
}

double gain(const FilterSection& f, double turns_per_sample) {
    const std::complex<double> z = std::polar(1.0, -two_pi * turns_per_sample);
    return std::abs((f.b0 + z * (f.b1 + z * f.b2)) / (1.0 + z * (f.a1 + z * f.a2)));
}

} // namespace

Flickermeter::Flickermeter(FlickerSystem system, double rate_hz, double start_v)
    : rate_hz_{rate_hz}, keep_every_{std::max(
                             1, static_cast<int>(std::floor(rate_hz / series_at_least_hz)))},
      mean_square_{start_v > 0 ? start_v * start_v
                               : static_cast<double>(system.lamp_v * system.lamp_v)},
      reference_step_{-std::expm1(-1 / (rate_hz * 27.3))} {
    assert(system.lamp_v == 230 || system.lamp_v == 120);
    assert(system.f_hz == 50 || system.f_hz == 60);
    assert(rate_hz >= 4000);
    const Lamp& lamp = system.lamp_v == 230 ? lamp_230 : lamp_120;
    const double c = 2 * rate_hz;

    const double high_pass = two_pi * 0.05;
    chain_[0] = first_order({0, 1}, {high_pass, 1}, c);
    chain_[0].s1 = -chain_[0].b0; // as if the square had stood at 1 for ever

    const double corner = two_pi * (system.f_hz == 50 ? 35 : 42);
    const double c_corner = corner / std::tan(corner / c);
    for (std::size_t k = 0; k < 3; ++k) { // poles at corner e^(j (90 + 15, 45, 75)) degrees
        const double damping =
            2 * std::sin(std::numbers::pi * static_cast<double>(2 * k + 1) / 12) * corner;
        chain_[1 + k] = bilinear({corner * corner, 0, 0}, {corner * corner, damping, 1}, c_corner);
    }

    const double w1 = two_pi * lamp.w1_hz;
    const double w3 = two_pi * lamp.w3_hz;
    const double w4 = two_pi * lamp.w4_hz;
    chain_[4] = bilinear({0, lamp.k * w1, 0}, {w1 * w1, 2 * two_pi * lamp.lambda_hz, 1}, c);
    chain_[5] = bilinear({1, 1 / (two_pi * lamp.w2_hz), 0}, {1, 1 / w3 + 1 / w4, 1 / (w3 * w4)}, c);
    memory_ = first_order({1, 0}, {1, 0.3}, c);

    const double a = lamp.threshold * gain_at(8.8);
    scale_ = 2 / (a * a * (1 + gain(memory_, 17.6 / rate_hz)));
}

double Flickermeter::gain_at(double f_hz) const {
    double product = 1;
    for (const FilterSection& f : chain_)
        product *= gain(f, f_hz / rate_hz_);
    return product;
}

void Flickermeter::push(std::span<const double> samples) {
    for (const double u : samples) {
        const double square = u * u;
        mean_square_ += reference_step_ * (square - mean_square_);
        double x = mean_square_ > 0 ? square / mean_square_ : 0;
        for (FilterSection& f : chain_)
            x = f.push(x);
        pinst_ = scale_ * memory_.push(x * x);
        if (until_kept_-- == 0) {
            until_kept_ = keep_every_ - 1;
            series_.push_back(pinst_);
        }
    }
}

} // namespace kpmsim
