// Frequency over 10 s, samples at a fixed rate.
//
// what = "steady": f, Hz; dips to 10 % and to nothing lie inside when `dips` says so, `noise_db`
//   sets a noise of its own, `tones` are orders, fractions and degrees instead of random harmonics,
//   and rectangular flicker has `changes` a minute of `depth`
// what = "ramp": 1 Hz/s up or down; "swing": 0.1 rad at 2 Hz. The whole cycles counted, over the
//   time that they really took (crossings of the phase that is written, by bisection):
//   f       Hz
//   cycles  counted less those between the crossings
#include "quality/interval_frequency.hpp"
#include "verification/digitise.hpp"

#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

struct Case {
    std::string what;
    Parameter f{50.0};
    double nominal_hz{50};
    Parameter rate_hz{8000.0};
    bool harmonics{true};
    bool dips{false};
    double noise_db{0}; ///< below 0: instead of the converter's
    std::vector<std::vector<double>> tones;
    double changes{0}, depth{0};
};

using Turns = std::function<double(double)>;

/// 90 % of full scale without harmonics; `turns(t)` is the fundamental's phase.
std::vector<double> wave(double seconds, double rate_hz, const Turns& turns, bool harmonics,
                         Draw& draw) {
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

/// The same with tones of any order instead of harmonics.
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

/// When the rising phase reaches `turns`, near `t`.
double moment_of(const Turns& phase, double turns, double t) {
    double low = t - 0.05;
    double high = t + 0.05;
    for (int n = 0; n < 60; ++n) {
        const double middle = (low + high) / 2;
        (phase(middle) < turns ? low : high) = middle;
    }
    return (low + high) / 2;
}

void steady(const Case& c, Draw draw, double noise, Errors& errors) {
    const double f = draw(c.f);
    const double rate = draw(c.rate_hz);
    const double start = draw.between(0, 1);
    const Turns turns = [&](double t) { return start + f * t; };
    std::vector<double> x = c.tones.empty() ? wave(10, rate, turns, c.harmonics, draw)
                                            : toned(10, rate, turns, c.tones);
    if (c.changes > 0) {
        const double begin = draw.between(0, 2);
        for (std::size_t n = 0; n < x.size(); ++n) {
            const double change =
                std::floor(begin + static_cast<double>(n) / rate * c.changes / 60);
            x[n] *= 1 + (std::fmod(change, 2) == 0 ? 0.5 : -0.5) * c.depth;
        }
    }
    const auto scale = [&](double from_s, double to_s, double factor) {
        for (auto n = static_cast<std::size_t>(from_s * rate);
             n < static_cast<std::size_t>(to_s * rate); ++n)
            x[n] *= factor;
    };
    if (c.dips) {
        const double at = draw.between(1, 4);
        scale(at, at + draw.between(0.01, 1), 0.1);
        const double gap = draw.between(5.5, 8.5);
        scale(gap, gap + draw.between(0.01, 0.5), 0);
    }
    Digitiser{noise, draw.stream("converter")}(x);
    errors.add("f", phasor_frequency(x, rate, c.nominal_hz) - f);
}

void moving(const Case& c, Draw draw, double noise, Errors& errors) {
    const double rate = draw(c.rate_hz);
    const double start = draw.between(1, 2);
    const double swing = draw.between(0, 1);
    const double slope = draw.setup() % 2 == 0 ? 1 : -1;
    const double f = c.nominal_hz;
    const Turns ramp = [=](double t) { return start + (f - 5 * slope) * t + slope * t * t / 2; };
    const Turns swinging = [=](double t) {
        return start + f * t + 0.1 / two_pi * std::sin(two_pi * (2 * t + swing));
    };
    const Turns phase = c.what == "ramp" ? ramp : swinging;
    std::vector<double> x = wave(10 + 2 * cycle_count_margin_s, rate, phase, c.harmonics, draw);
    Digitiser{noise, draw.stream("converter")}(x);
    const CycleCount got = count_cycles(x, rate, f);
    const double first = std::round(phase(got.begin_s));
    const double last = std::round(phase(got.end_s));
    errors.add("cycles", static_cast<double>(got.cycles) - (last - first));
    errors.add("f", got.f_hz() - (last - first) / (moment_of(phase, last, got.end_s) -
                                                   moment_of(phase, first, got.begin_s)));
}

} // namespace

Run frequency_kind(TomlTable& signal) {
    Case c;
    c.what = signal.choice("what", {"steady", "ramp", "swing"}).value_or("steady");
    take(signal, "f", c.f);
    take(signal, "rate", c.rate_hz);
    c.nominal_hz = signal.number("nominal").value_or(c.nominal_hz);
    c.harmonics = signal.boolean("harmonics").value_or(c.harmonics);
    c.dips = signal.boolean("dips").value_or(c.dips);
    c.tones = number_lists(signal, "tones", 3);
    c.changes = signal.number("changes").value_or(c.changes);
    c.depth = signal.number("depth").value_or(c.depth);
    c.noise_db = signal.number("noise_db").value_or(c.noise_db);
    return [c](Draw draw, Mode mode, Errors& errors) {
        // A noise of the signal's own counts from its fundamental, 60 or 90 % of full scale.
        const double own =
            (c.harmonics ? 0.6 : 0.9) * std::pow(10, c.noise_db / 20) / std::numbers::sqrt2;
        const double noise = c.noise_db < 0 ? own : noise_of(mode);
        if (c.what == "steady")
            steady(c, draw, noise, errors);
        else
            moving(c, draw, noise, errors);
    };
}

} // namespace kpmsim
