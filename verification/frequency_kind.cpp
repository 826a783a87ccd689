// Frequency over 10 s, samples at a fixed rate.
//
// what = "steady": f, Hz; dips to 10 % and to nothing lie inside when `dips` says so, `noise_db`
//   sets a noise of its own, `tones` are orders, fractions and degrees instead of random harmonics,
//   and rectangular flicker has `changes` a minute of `depth`
// what = "ramp": 1 Hz/s up or down; "swing": 0.1 rad at 2 Hz. The whole cycles counted, over the
//   time that they really took (crossings of the phase that is written, by bisection):
//   f       Hz
//   cycles  counted less those between the crossings
// The measures above are of a power-quality instrument, over 10 s. A meter shows the frequency of
// each window of its locked samples; of the same wave (but for the swing):
//   f shown             each window's, Hz; windows in or next to a change of the voltage left out;
//                       of a ramp of 0.5 Hz/s, less f between the middles of the halves that it is of
//   f shown, 10 s       their mean, where nothing changes
#include "quality/interval_frequency.hpp"
#include "verification/digitise.hpp"
#include "verification/interval_wave.hpp"
#include "verification/shown_frequency.hpp"

#include <algorithm>
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

    std::vector<SimTime> changes;
    double sum = 0;
    const auto windows = shown_frequency(c.wave, x.f_hz, noise, draw, changes);
    for (const ShownFrequency& shown : windows) {
        const double off = shown.f_hz - x.f_hz;
        sum += off;
        // Its window, and the second half of the one before.
        const bool changed = std::any_of(changes.begin(), changes.end(), [&](SimTime at) {
            return at > shown.window.start - 3 * shown.window.length && at < shown.window.end();
        });
        if (!changed)
            errors.add("f shown", off);
    }
    if (changes.empty())
        errors.add("f shown, 10 s", sum / static_cast<double>(windows.size()));
}

/// A meter's f is the phase that its fundamental gained from the middle of the last window's second
/// half to the middle of this one's, where the frequency is steady enough: half as steep a ramp.
void shown_while_moving(const Case& c, double slope, double noise, Draw& draw, Errors& errors) {
    SimTime ramp{};
    slope /= 2;
    for (const ShownFrequency& shown : shown_ramp(c.nominal_hz, slope, noise, draw, ramp)) {
        const double since_s =
            seconds(shown.window.end() - ramp) - 0.75 * seconds(shown.window.length);
        if (since_s > 1)
            errors.add("f shown", shown.f_hz - (c.nominal_hz + slope * since_s));
    }
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
    if (c.what == "ramp")
        shown_while_moving(c, slope, noise, draw, errors);
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
