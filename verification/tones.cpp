#include "verification/tones.hpp"

#include "sim/window.hpp"

#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

} // namespace

void take(TomlTable& signal, ToneCase& c) {
    c.cycles = signal.integer("cycles", 10, 12).value_or(10) == 12 ? 12 : 10;
    c.harmonics = signal.boolean("harmonics").value_or(c.harmonics);
    take(signal, "order", c.order);
    take(signal, "fraction", c.fraction);
}

std::vector<Tone> draw_tones(const ToneCase& c, Draw& draw) {
    const double u1 = c.fundamental / std::numbers::sqrt2;
    std::vector<Tone> tones{{1, u1, draw.between(0, two_pi)}};
    const double order = draw(c.order);
    tones.push_back({order, u1 * draw(c.fraction), draw.between(0, two_pi)});
    if (c.harmonics)
        for (const double h : {3.0, 5.0, 29.0})
            tones.push_back({h, 0.05 * u1, draw.between(0, two_pi)});
    return tones;
}

std::vector<double> rows_of(const std::vector<Tone>& tones, int cycles) {
    std::vector<double> x(static_cast<std::size_t>(cycles) * samples_per_cycle);
    for (std::size_t k = 0; k < x.size(); ++k)
        for (const Tone& t : tones)
            x[k] +=
                std::numbers::sqrt2 * t.rms *
                std::sin(two_pi * t.order * static_cast<double>(k) / samples_per_cycle + t.angle);
    return x;
}

} // namespace kpmsim
