// The flickermeter against the tables of IEC 61000-4-15, at 128 samples per cycle.
//
// `points = [[lamp V, Hz, rate, depth in %], …]`, one a set-up: rate is the changes per minute of a
// rectangle, or the Hz of a sine.
// what = "rectangle":  Pst           less 1 after the filters have settled
// what = "sine":       Pinst max     less 1
// what = "linearity":  Pst of `scale` times the depth against that of the depth itself. A rectangle of
//   depth d has steps of exactly 2 d in the square over a mean of 1 + d^2/4, and what a steady
//   voltage reads adds its square:  Pst(s d) = hypot(Pst(d) s (1 + d^2/4) / (1 + s^2 d^2/4), Pst(0))
//   linearity     of reading
#include "quality/flicker_statistics.hpp"
#include "quality/flickermeter.hpp"
#include "sim/window.hpp"
#include "verification/digitise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;
constexpr double full_scale_part = 0.8; ///< the carrier's peak

struct Point {
    FlickerSystem system;
    double rate;
    double depth;
};

struct Case {
    std::string what;
    std::vector<Point> points;
    Parameter scale{1.0};
};

/// A carrier of the lamp's voltage, modulated; goes on where the last push ended.
class Wave {
public:
    Wave(const Point& point, bool rectangle, double depth, Digitiser converter)
        : point_{point}, rectangle_{rectangle}, depth_{depth}, converter_{converter} {
        for (std::size_t n = 0; n < carrier_.size(); ++n)
            carrier_[n] = std::sin(two_pi * static_cast<double>(n) / samples_per_cycle);
    }

    void push(Flickermeter& meter, double seconds) {
        const double rate_hz = static_cast<double>(samples_per_cycle) * point_.system.f_hz;
        const std::int64_t end = at_ + std::llround(seconds * rate_hz);
        std::array<double, max_samples_per_window> rows{};
        while (at_ < end) {
            const auto count = static_cast<std::size_t>(
                std::min<std::int64_t>(end - at_, static_cast<std::int64_t>(rows.size())));
            for (std::size_t n = 0; n < count; ++n, ++at_)
                rows[n] = full_scale_part *
                          carrier_[static_cast<std::size_t>(at_ % samples_per_cycle)] *
                          (1 + depth_ / 2 * shape(static_cast<double>(at_) / rate_hz)) / 1.2;
            converter_({rows.data(), count});
            for (std::size_t n = 0; n < count; ++n)
                rows[n] *= std::numbers::sqrt2 * point_.system.lamp_v * 1.2 / full_scale_part;
            meter.push({rows.data(), count});
        }
    }

private:
    double shape(double t) const {
        if (depth_ == 0)
            return 0;
        if (!rectangle_)
            return std::sin(two_pi * point_.rate * t);
        // An edge that meets a sample belongs to what follows.
        return static_cast<std::int64_t>(std::floor(t * point_.rate / 60 + 1e-9)) % 2 == 0 ? 1 : -1;
    }

    Point point_;
    bool rectangle_;
    double depth_;
    Digitiser converter_;
    std::array<double, samples_per_cycle> carrier_{};
    std::int64_t at_{0};
};

/// Pst of the periodic steady state. A slow rectangle also moves the reference voltage (27.3 s);
/// what is measured is a whole number of periods of modulation and carrier.
double steady_pst(const Point& point, double scale, const Digitiser& converter) {
    Flickermeter meter{point.system, static_cast<double>(samples_per_cycle) * point.system.f_hz};
    Wave wave{point, true, scale * point.depth, converter};
    wave.push(meter, point.rate < 10 ? 240 : 30);
    meter.clear();
    wave.push(meter, point.rate < 10 ? 120 : point.rate == 110 ? 12 : 40);
    return pst(meter.series());
}

double steady_pinst_max(const Point& point, const Digitiser& converter) {
    Flickermeter meter{point.system, static_cast<double>(samples_per_cycle) * point.system.f_hz};
    Wave wave{point, false, point.depth, converter};
    wave.push(meter, 24);
    meter.clear();
    wave.push(meter, 6);
    return *std::max_element(meter.series().begin(), meter.series().end());
}

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    const Point& point = c.points[static_cast<std::size_t>(draw.setup()) % c.points.size()];
    const Digitiser converter{mode, draw.stream("converter")};
    if (c.what == "rectangle")
        errors.add("Pst", steady_pst(point, 1, converter) - 1);
    else if (c.what == "sine")
        errors.add("Pinst max", steady_pinst_max(point, converter) - 1);
    else {
        const double s = draw(c.scale);
        const double d2 = point.depth * point.depth / 4;
        const double slope = steady_pst(point, 1, converter) * s * (1 + d2) / (1 + s * s * d2);
        const double none = steady_pst(point, 0, converter);
        errors.add("linearity", steady_pst(point, s, converter) / std::hypot(slope, none) - 1);
    }
}

} // namespace

Run flicker_kind(TomlTable& signal) {
    Case c;
    c.what = signal.choice("what", {"rectangle", "sine", "linearity"}).value_or("rectangle");
    take(signal, "scale", c.scale);
    for (const std::vector<double>& p : number_lists(signal, "points", 4))
        c.points.push_back({{static_cast<int>(p[0]), static_cast<int>(p[1])}, p[2], p[3] / 100});
    if (c.points.empty())
        signal.missing("points", "points = [[230, 50, 39, 0.894]]: lamp V, Hz, rate, depth in %");
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
