// Synchrophasors of one channel, 128 rows a nominal cycle, against IEEE C37.118.1's P class.
//
// what = "steady": x of `magnitude` at nominal + `off`, with one harmonic of `order` and
//   `fraction`.
// what = "modulation": magnitude by 1 + kx cos(wm t), phase by ka cos(wm t - 180 degrees).
// what = "ramp": 1 Hz/s from 2 Hz on one side of nominal to 2 Hz on the other; two reports at
//   either end do not count.
//   TVE      of the true phasor
//   FE, RFE  Hz, Hz/s
// what = "step": magnitude by ±10 %, or phase by ±10 degrees; a report at every row around it.
//   response   from the first row to the last whose TVE is above 1 %, cycles
//   delay      from the step to where half of it is reported, cycles
//   overshoot  beyond either level, of the step
#include "quality/phasor_estimator.hpp"
#include "verification/digitise.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;
constexpr int rows_per_cycle = 128;
/// A magnitude of 1 is a sine of this part of full scale: 120 % and 10 % of modulation have room.
constexpr double one = 0.7;

struct Case {
    std::string what;
    Parameter nominal{50.0};
    Parameter off_hz{0.0};
    Parameter magnitude{1.0};
    Parameter order{2.0}, fraction{0.0};
    Parameter kx{0.1}, ka{0.1}, fm_hz{1.0};
    double seconds{1};
};

/// A wave by its truth at any moment; phasors in rms of full scale, turning with the nominal
/// frequency.
struct Wave {
    double nominal_hz{50};
    double seconds{1};
    std::function<PhasorReport(double)> truth;
    double order{0}, fraction{0}, order_turns{0};

    double rate_hz() const { return rows_per_cycle * nominal_hz; }
    double at(double t) const {
        // Whole turns of the nominal frequency drop out before the angle is formed.
        const double turns = std::fmod(nominal_hz * t, 1);
        const std::complex<double> x = truth(t).phasor * std::polar(1.0, two_pi * turns);
        return std::numbers::sqrt2 *
               (x.real() +
                fraction * std::abs(x) * std::cos(two_pi * (order * turns + order_turns)));
    }
    std::vector<double> samples() const {
        std::vector<double> x(static_cast<std::size_t>(std::llround(seconds * rate_hz())));
        for (std::size_t n = 0; n < x.size(); ++n)
            x[n] = at(static_cast<double>(n) / rate_hz());
        return x;
    }
};

constexpr double rms = one / std::numbers::sqrt2;

Wave steady(const Case& c, Draw& draw, double start) {
    Wave w;
    const double size = rms * draw(c.magnitude);
    const double off = draw(c.off_hz);
    w.order = draw(c.order);
    w.fraction = draw(c.fraction);
    w.order_turns = draw.between(0, 1);
    w.truth = [=](double t) {
        return PhasorReport{std::polar(size, start + two_pi * off * t), off, 0};
    };
    return w;
}

Wave modulated(const Case& c, Draw& draw, double start) {
    const double kx = draw(c.kx);
    const double ka = draw(c.ka);
    const double fm = draw(c.fm_hz);
    const double begin = draw.between(0, two_pi);
    Wave w;
    w.truth = [=](double t) {
        const double turn = two_pi * fm * t + begin;
        return PhasorReport{
            std::polar(rms * (1 + kx * std::cos(turn)), start - ka * std::cos(turn)),
            ka * fm * std::sin(turn), ka * two_pi * fm * fm * std::cos(turn)};
    };
    return w;
}

Wave ramp(const Draw& draw, double start) {
    const double slope = draw.setup() % 2 == 0 ? 1 : -1;
    Wave w;
    w.truth = [=](double t) {
        const double f = slope * (t - 2);
        return PhasorReport{std::polar(rms, start + two_pi * slope * (t * t / 2 - 2 * t)), f,
                            slope};
    };
    return w;
}

void reports(const Wave& w, const std::vector<double>& x, std::size_t exclude, Errors& errors) {
    const std::int64_t reach = phasor_reach(w.rate_hz(), w.nominal_hz);
    std::vector<PhasorReport> got;
    std::vector<PhasorReport> right;
    // As many reports a second as the nominal frequency.
    for (std::int64_t row = rows_per_cycle; row + reach < static_cast<std::int64_t>(x.size());
         row += rows_per_cycle) {
        if (row < reach)
            continue;
        got.push_back(estimate_phasor(x, w.rate_hz(), w.nominal_hz, row));
        right.push_back(w.truth(static_cast<double>(row) / w.rate_hz()));
        right.back().f_hz += w.nominal_hz;
    }
    const PhasorErrors worst = phasor_errors(got, right, exclude);
    errors.add("TVE", worst.tve);
    errors.add("FE", worst.fe_hz);
    errors.add("RFE", worst.rfe_hz_per_s);
}

void step(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const double start = draw.between(0, two_pi);
    const double sign = draw.setup() % 2 == 0 ? 1 : -1;
    const bool phase = draw.setup() % 4 >= 2;
    Wave w;
    w.nominal_hz = draw(c.nominal);
    w.seconds = 10 / w.nominal_hz;
    const std::int64_t step_row = 5 * rows_per_cycle + static_cast<int>(draw.between(0, 128));
    // Between two rows, so that no row is on the step.
    const double step_s = (static_cast<double>(step_row) - 0.5) / w.rate_hz();
    const std::complex<double> before = std::polar(rms, start);
    const std::complex<double> after =
        phase ? std::polar(rms, start + sign * two_pi / 36) : before * (1 + 0.1 * sign);
    w.truth = [=](double t) { return PhasorReport{t < step_s ? before : after, 0, 0}; };
    std::vector<double> x = w.samples();
    Digitiser{mode, draw.stream("converter")}(x);

    // Of the step: 0 before it, 1 after it.
    const auto part = [&](std::complex<double> v) {
        return phase ? std::arg(v / before) / std::arg(after / before)
                     : (std::abs(v) - std::abs(before)) / (std::abs(after) - std::abs(before));
    };
    const std::int64_t reach = phasor_reach(w.rate_hz(), w.nominal_hz);
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t half = 0;
    double beyond = 0;
    for (std::int64_t row = step_row - reach; row < step_row + reach; ++row) {
        const PhasorReport got = estimate_phasor(x, w.rate_hz(), w.nominal_hz, row);
        const auto right = w.truth(static_cast<double>(row) / w.rate_hz()).phasor;
        if (total_vector_error(got.phasor, right) > 0.01) {
            first = first == 0 ? row : first;
            last = row;
        }
        const double reached = part(got.phasor);
        half = half == 0 && reached >= 0.5 ? row : half;
        beyond = std::max({beyond, reached - 1, -reached});
    }
    errors.add("response", static_cast<double>(last - first + 1) / rows_per_cycle);
    errors.add("delay", static_cast<double>(half - step_row) / rows_per_cycle);
    errors.add("overshoot", beyond);
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const double start = draw.between(0, two_pi);
    const double nominal = draw(c.nominal);
    Wave w = c.what == "steady"       ? steady(c, draw, start)
             : c.what == "modulation" ? modulated(c, draw, start)
                                      : ramp(draw, start);
    w.nominal_hz = nominal;
    w.seconds = c.what == "ramp" ? 4 : c.seconds;
    std::vector<double> x = w.samples();
    Digitiser{mode, draw.stream("converter")}(x);
    reports(w, x, c.what == "ramp" ? 2 : 0, errors);
}

} // namespace

Run synchrophasor_kind(TomlTable& signal) {
    Case c;
    c.what = signal.choice("what", {"steady", "modulation", "ramp", "step"}).value_or("steady");
    take(signal, "nominal", c.nominal);
    take(signal, "off", c.off_hz);
    take(signal, "magnitude", c.magnitude);
    take(signal, "order", c.order);
    take(signal, "fraction", c.fraction);
    take(signal, "kx", c.kx);
    take(signal, "ka", c.ka);
    take(signal, "fm", c.fm_hz);
    c.seconds = signal.number("seconds").value_or(c.seconds);
    return [c](Draw draw, Mode mode, Errors& errors) {
        if (c.what == "step")
            step(c, draw, mode, errors);
        else
            run(c, draw, mode, errors);
    };
}

} // namespace kpmsim
