#include "speed/textbook.hpp"

#include "speed/kpm312.hpp"

#include <fftw3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>

namespace kpmsim {

namespace {

constexpr int samples = 1280;
constexpr double rate_hz = 6400;
using Wave = std::array<double, samples>;

std::size_t at(int n) { return static_cast<std::size_t>(n); }

double powers(const Wave& u, const Wave& i) {
    double uu = 0, ii = 0, p = 0, q = 0;
    for (int n = 0; n < samples; ++n) {
        uu += u[at(n)] * u[at(n)];
        ii += i[at(n)] * i[at(n)];
        p += u[at(n)] * i[at(n)];
        q += u[at((n + samples - 32) % samples)] * i[at(n)];
    }
    return std::sqrt(uu / samples) * std::sqrt(ii / samples) + p / samples + q / samples;
}

} // namespace

struct Textbook::Parts {
    std::array<Wave, max_channels> x{};
    std::array<std::array<double, max_harmonic + 1>, max_channels> amplitude{};
    std::array<std::array<double, max_harmonic + 1>, max_channels> angle{};
    std::array<std::complex<double>, samples / 2 + 1> bins{};
    std::mt19937_64 engine{1};
    std::normal_distribution<double> normal;
    fftw_plan plan{};
    double t_s{0};

    double code(int channel, double at_s);
    double harmonics(Wave& wave);
};

double Textbook::Parts::code(int channel, double at_s) {
    double sum = 0;
    for (int h = 1; h <= max_harmonic; ++h)
        sum += amplitude[at(channel)][at(h)] *
               std::sin(2 * std::numbers::pi * 50 * h * at_s + angle[at(channel)][at(h)]);
    sum += ade9000_noise * normal(engine);
    return static_cast<double>(std::clamp(std::lround(sum * 0x1p23), -8388607L, 8388607L));
}

double Textbook::Parts::harmonics(Wave& wave) {
    fftw_execute_dft_r2c(plan, wave.data(), reinterpret_cast<fftw_complex*>(bins.data()));
    double sum = 0;
    for (int h = 2; h <= max_harmonic; ++h)
        sum += std::norm(bins[at(10 * h)]);
    return std::sqrt(sum / std::norm(bins[10]));
}

Textbook::Textbook() : parts_{std::make_unique<Parts>()} {
    Parts& p = *parts_;
    p.plan =
        fftw_plan_dft_r2c_1d(samples, p.x[0].data(), reinterpret_cast<fftw_complex*>(p.bins.data()),
                             FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    for (int c = 0; c < max_channels; ++c)
        for (int h = 1; h <= max_harmonic; ++h) {
            p.amplitude[at(c)][at(h)] = 0.5 / h;
            p.angle[at(c)][at(h)] = 0.3 * h + 0.1 * c;
        }
}

Textbook::~Textbook() { fftw_destroy_plan(parts_->plan); }

double Textbook::window() {
    Parts& p = *parts_;
    for (int c = 0; c < max_channels; ++c)
        for (int n = 0; n < samples; ++n)
            p.x[at(c)][at(n)] = p.code(c, p.t_s + n / rate_hz);
    p.t_s += window_s;
    double shown = 0;
    for (int loop = 0; loop < max_circuits; ++loop)
        for (int phase = 0; phase < 3; ++phase)
            shown += powers(p.x[at(phase)], p.x[at(3 + 3 * loop + phase)]);
    for (Wave& wave : p.x)
        shown += p.harmonics(wave);
    return shown;
}

} // namespace kpmsim
