#include "verification/interval_wave.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

/// Tones of any order beside the fundamental.
std::vector<double> toned(double seconds, double rate_hz, const Turns& turns,
                          const std::vector<std::vector<double>>& tones) {
    std::vector<double> x(static_cast<std::size_t>(std::llround(seconds * rate_hz)));
    for (std::size_t n = 0; n < x.size(); ++n) {
        const double at = turns(static_cast<double>(n) / rate_hz);
        x[n] = 0.6 * std::sin(two_pi * (at - std::floor(at)));
        for (const std::vector<double>& tone : tones)
            x[n] += 0.6 * tone[1] * std::sin(two_pi * (tone[0] * at + tone[2] / 360));
    }
    return x;
}

} // namespace

void take(TomlTable& signal, IntervalWave& w) {
    take(signal, "f", w.f);
    take(signal, "rate", w.rate_hz);
    w.harmonics = signal.boolean("harmonics").value_or(w.harmonics);
    w.dips = signal.boolean("dips").value_or(w.dips);
    w.tones = number_lists(signal, "tones", 3);
    w.changes = signal.number("changes").value_or(w.changes);
    w.depth = signal.number("depth").value_or(w.depth);
    w.noise_db = signal.number("noise_db").value_or(w.noise_db);
}

std::vector<double> harmonic_rows(double seconds, double rate_hz, const Turns& turns,
                                  bool harmonics, Draw& draw) {
    constexpr int last = 31;
    std::vector<std::complex<double>> part(last + 1);
    part[1] = harmonics ? 0.6 : 0.9;
    for (int h = 2; harmonics && h <= last; ++h)
        part[static_cast<std::size_t>(h)] =
            std::polar(0.6 * (h % 2 != 0 ? 0.25 : 0.02) / h, draw.between(0, two_pi));
    std::vector<double> x(static_cast<std::size_t>(std::llround(seconds * rate_hz)));
    for (std::size_t n = 0; n < x.size(); ++n) {
        const double at = turns(static_cast<double>(n) / rate_hz);
        const std::complex<double> step = std::polar(1.0, two_pi * (at - std::floor(at)));
        std::complex<double> order = step;
        for (int h = 1; h <= (harmonics ? last : 1); ++h, order *= step)
            x[n] += std::imag(part[static_cast<std::size_t>(h)] * order);
    }
    return x;
}

IntervalSamples steady_samples(const IntervalWave& wave, Draw& draw) {
    const double f = draw(wave.f);
    const double rate = draw(wave.rate_hz);
    const double start = draw.between(0, 1);
    const Turns turns = [&](double t) { return start + f * t; };
    std::vector<double> x = wave.tones.empty()
                                ? harmonic_rows(10, rate, turns, wave.harmonics, draw)
                                : toned(10, rate, turns, wave.tones);
    if (wave.changes > 0) {
        const double begin = draw.between(0, 2);
        for (std::size_t n = 0; n < x.size(); ++n) {
            const double change =
                std::floor(begin + static_cast<double>(n) / rate * wave.changes / 60);
            x[n] *= 1 + (std::fmod(change, 2) == 0 ? 0.5 : -0.5) * wave.depth;
        }
    }
    const auto scale = [&](double from_s, double to_s, double factor) {
        for (auto n = static_cast<std::size_t>(from_s * rate);
             n < static_cast<std::size_t>(to_s * rate); ++n)
            x[n] *= factor;
    };
    if (wave.dips) {
        const double at = draw.between(1, 4);
        scale(at, at + draw.between(0.01, 1), 0.1);
        const double gap = draw.between(5.5, 8.5);
        scale(gap, gap + draw.between(0.01, 0.5), 0);
    }
    return {std::move(x), rate, f};
}

double noise_of(const IntervalWave& wave, Mode mode) {
    // A noise of the signal's own counts from its fundamental, 60 or 90 % of full scale.
    if (wave.noise_db < 0)
        return (wave.harmonics ? 0.6 : 0.9) * std::pow(10, wave.noise_db / 20) /
               std::numbers::sqrt2;
    return noise_of(mode);
}

} // namespace kpmsim
