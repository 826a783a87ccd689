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
#include "verification/interval_wave.hpp"

#include <cmath>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

struct Case {
    std::string what;
    double nominal_hz{50};
    IntervalWave wave;
};

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
    IntervalSamples x = steady_samples(c.wave, draw);
    Digitiser{noise, draw.stream("converter")}(x.rows);
    errors.add("f", phasor_frequency(x.rows, x.rate_hz, c.nominal_hz) - x.f_hz);
}

void moving(const Case& c, Draw draw, double noise, Errors& errors) {
    const double rate = draw(c.wave.rate_hz);
    const double start = draw.between(1, 2);
    const double swing = draw.between(0, 1);
    const double slope = draw.setup() % 2 == 0 ? 1 : -1;
    const double f = c.nominal_hz;
    const Turns ramp = [=](double t) { return start + (f - 5 * slope) * t + slope * t * t / 2; };
    const Turns swinging = [=](double t) {
        return start + f * t + 0.1 / two_pi * std::sin(two_pi * (2 * t + swing));
    };
    const Turns phase = c.what == "ramp" ? ramp : swinging;
    std::vector<double> x =
        harmonic_rows(10 + 2 * cycle_count_margin_s, rate, phase, c.wave.harmonics, draw);
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
    c.nominal_hz = signal.number("nominal").value_or(c.nominal_hz);
    take(signal, c.wave);
    return [c](Draw draw, Mode mode, Errors& errors) {
        const double noise = noise_of(c.wave, mode);
        if (c.what == "steady")
            steady(c, draw, noise, errors);
        else
            moving(c, draw, noise, errors);
    };
}

} // namespace kpmsim
