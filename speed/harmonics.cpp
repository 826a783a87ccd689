#include "speed/harmonics.hpp"

#include "sim/folded_dft.hpp"
#include "sim/kernels.hpp"
#include "sim/metering.hpp"

#include <fftw3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>

namespace kpmsim {

namespace {

constexpr int cycles = 10;
constexpr std::size_t samples = cycles * samples_per_cycle;

struct alignas(64) Channel {
    std::array<std::int32_t, samples> codes;
    std::array<double, samples> wave;
};

} // namespace

struct HarmonicsStages::Parts {
    std::array<Channel, max_channels> channel;
    alignas(64) std::array<std::int32_t, samples_per_cycle> fold;
    alignas(64) std::array<fftw_complex, samples / 2 + 1> bins;
    Phasors phasors;
    fftw_plan plan{};
};

HarmonicsStages::HarmonicsStages() : parts_{std::make_unique<Parts>()} {
    Parts& p = *parts_;
    // Planning writes into the arrays, so the waves come after it.
    p.plan = fftw_plan_dft_r2c_1d(samples, p.channel[0].wave.data(), p.bins.data(),
                                  FFTW_MEASURE | FFTW_PRESERVE_INPUT);
    fftw_forget_wisdom(); // no other plan of this program is to hang on it
    for (std::size_t c = 0; c < p.channel.size(); ++c)
        for (std::size_t n = 0; n < samples; ++n) {
            const double x = 4e6 * std::sin(0.049087385212 * static_cast<double>(n * (1 + c % 7)));
            p.channel[c].codes[n] = static_cast<std::int32_t>(x);
            p.channel[c].wave[n] = static_cast<double>(p.channel[c].codes[n]);
        }
}

HarmonicsStages::~HarmonicsStages() { fftw_destroy_plan(parts_->plan); }

double HarmonicsStages::folded() {
    Parts& p = *parts_;
    double sum = 0;
    for (const Channel& c : p.channel) {
        kernels::fold(c.codes.data(), cycles, p.fold.data());
        folded_dft(p.fold, cycles, 1.0, p.phasors);
        sum += p.phasors[1].real();
    }
    return sum;
}

double HarmonicsStages::difference() {
    Parts& p = *parts_;
    double worst = 0;
    for (Channel& c : p.channel) {
        kernels::fold(c.codes.data(), cycles, p.fold.data());
        folded_dft(p.fold, cycles, 1.0, p.phasors);
        fftw_execute_dft_r2c(p.plan, c.wave.data(), p.bins.data());
        double greatest = 0, off = 0;
        for (std::size_t h = 1; h <= max_harmonic; ++h) {
            const fftw_complex& bin = p.bins[h * cycles];
            // X = j bin / (samples / 2 sqrt 2), see sim/folded_dft.cpp.
            const std::complex<double> x = std::complex<double>{-bin[1], bin[0]} *
                                           (std::numbers::sqrt2 / static_cast<double>(samples));
            greatest = std::max(greatest, std::abs(x));
            off = std::max(off, std::abs(x - p.phasors[h]));
        }
        worst = std::max(worst, off / greatest);
    }
    return worst;
}

double HarmonicsStages::transformed() {
    Parts& p = *parts_;
    double sum = 0;
    for (Channel& c : p.channel) {
        fftw_execute_dft_r2c(p.plan, c.wave.data(), p.bins.data());
        sum += p.bins[cycles][0];
    }
    return sum;
}

} // namespace kpmsim
