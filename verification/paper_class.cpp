#include "verification/paper_class.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

namespace kpmsim {

namespace {

using Phasor = std::complex<double>;

/// A straight line between the points of the curve, and as at the ends beyond them.
double on_the_curve(const std::array<double, 5>& values, double level) {
    if (level <= paper_curve.front())
        return values.front();
    for (std::size_t n = 1; n < paper_curve.size(); ++n)
        if (level <= paper_curve[n])
            return values[n - 1] + (values[n] - values[n - 1]) * (level - paper_curve[n - 1]) /
                                       (paper_curve[n] - paper_curve[n - 1]);
    return values.back();
}

Phasor wrong_by(double gain, double lag) { return (1 + gain) * std::polar(1.0, -lag); }

/// What a current of so much of the rated one is times.
Phasor current_factor(const ChannelErrors& e, double level) {
    const double at_level =
        on_the_curve(e.level.ct_ratio, level) - e.level.compression * level * level;
    return wrong_by(e.gain, e.phase_rad) *
           wrong_by(at_level, on_the_curve(e.level.ct_phase_rad, level));
}

} // namespace

std::vector<double> PaperClass::levels(double from, double to) const {
    const double first = from * limits.reference;
    const double last = to > 0 ? to * limits.reference * (1 - 1e-9) : limits.most;
    std::vector<double> out{first, last};
    for (const double level : paper_curve)
        if (level > first && level < last)
            out.push_back(level);
    return out;
}

double paper_use(const PaperClass& c, const MeterErrors& errors, int phases) {
    double use = 0;
    const auto meet = [&](double error, double limit) {
        use = std::max(use, std::abs(error) / limit);
    };
    const auto channel = [&](int n) { return errors.channel[static_cast<std::size_t>(n)]; };
    // U conj(I) of one phase, of all when it is -1, for a load that lags by so much.
    const auto power = [&](int phase, double level, double lag) {
        Phasor sum;
        for (int p = 0; p < phases; ++p) {
            const ChannelErrors& u = channel(p);
            if (phase < 0 || p == phase)
                sum += wrong_by(u.gain, u.phase_rad) *
                       std::conj(current_factor(channel(phases + p), level));
        }
        return sum * std::polar(1.0, lag) / (phase < 0 ? static_cast<double>(phases) : 1.0);
    };
    const auto p_error = [&](int phase, double level, double lag) {
        return power(phase, level, lag).real() / std::cos(lag) - 1;
    };
    for (const std::vector<double>& line : c.points) {
        const double lag = std::copysign(std::acos(std::abs(line[2])), line[2]);
        for (const double level : c.levels(line[0], line[1]))
            for (int phase = line[3] == 0 ? -1 : 0; phase < (line[3] == 0 ? 0 : phases); ++phase)
                meet(p_error(phase, level, lag), line[4] / 100);
    }
    for (const std::vector<double>& line : c.reactive_points)
        for (const double side : {1.0, -1.0}) {
            const double lag = side * std::asin(line[2]);
            for (const double level : c.levels(line[0], line[1]))
                meet(power(-1, level, lag).imag() / std::sin(lag) - 1, line[3] / 100);
        }
    for (int phase = 0; phase < phases; ++phase) {
        meet(p_error(phase, c.limits.reference, 0) - p_error(-1, c.limits.reference, 0),
             c.difference / 100);
        meet(channel(phase).gain, c.limits.u);
        for (const double level : c.levels(0.05, 0))
            meet(std::abs(current_factor(channel(phases + phase), level)) - 1, c.limits.i);
    }
    return use;
}

} // namespace kpmsim
