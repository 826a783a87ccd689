// The waves that a case may name: the standards' influence waves of waveforms/influence.cpp, and the
// harmonics below.
#include "verification/shapes.hpp"

#include "waveforms/influence.hpp"

#include <cmath>
#include <numbers>

namespace kpmsim {

namespace {

using Phasor = std::complex<double>;
constexpr double pi = std::numbers::pi;
constexpr int last_order = Spectrum::orders - 1;

Phasor at_degrees(double size, double degrees) { return std::polar(size, degrees * pi / 180); }

struct Part {
    int order;
    double percent;
    double degrees;
};

Spectrum sum_of(std::initializer_list<Part> parts) {
    Spectrum s;
    s[1] = 1;
    for (const Part& part : parts)
        s[part.order] = at_degrees(part.percent / 100, part.degrees);
    return s;
}

Spectrum sine(const ShapeNumbers&, Draw&) { return sum_of({}); }

Spectrum single(const ShapeNumbers& numbers, Draw& draw) {
    Spectrum s = sum_of({});
    s[numbers.order] = at_degrees(numbers.fraction, draw.between(0, 360));
    return s;
}

/// Odd orders up to 25 %/h, even ones up to 2 %/h, at random angles.
Spectrum random(const ShapeNumbers&, Draw& draw) {
    Spectrum s = sum_of({});
    for (int h = 2; h <= last_order; ++h) {
        const double most = (h % 2 == 1 ? 0.25 : 0.02) / h;
        const double size = draw.between(0, most);
        s[h] = at_degrees(size, draw.between(0, 360));
    }
    return s;
}

/// Every order at the level that EN 50160 allows it, up to 25, at random angles.
Spectrum en50160(const ShapeNumbers&, Draw& draw) {
    constexpr double odd[] = {5.0, 6.0, 5.0, 1.5, 3.5, 3.0, 0.5, 2.0, 1.5, 0.5, 1.5, 1.5};
    Spectrum s = sum_of({});
    for (int h = 2; h <= 25; ++h) {
        const double percent = h % 2 == 1 ? odd[(h - 3) / 2] : h == 2 ? 2.0 : h == 4 ? 1.0 : 0.5;
        s[h] = at_degrees(percent / 100, draw.between(0, 360));
    }
    return s;
}

struct Named {
    const char* name;
    Spectrum (*make)(const ShapeNumbers&, Draw&);
};

constexpr Named all[] = {
    {"sine", sine},
    {"single", single},
    {"random", random},
    {"en50160", en50160},
    {"third-20-quadrature",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{3, 20, -90}, {7, 9, -90}});
     }},
    {"state-2",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{3, 10, 0}, {5, 5, 0}, {29, 5, 0}});
     }},
    {"state-3",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{7, 10, 180}, {13, 5, 0}, {25, 5, 0}});
     }},
};

} // namespace

std::vector<std::string> shape_names() {
    std::vector<std::string> names;
    for (const Named& n : all)
        names.emplace_back(n.name);
    for (const PeriodicWave& wave : periodic_waves())
        names.emplace_back(wave.name);
    return names;
}

Spectrum shape_spectrum(std::string_view shape, WaveOf side, const ShapeNumbers& numbers,
                        Draw& draw) {
    for (const Named& n : all)
        if (shape == n.name)
            return n.make(numbers, draw);
    if (const PeriodicWave* wave = find_wave(shape))
        return side == WaveOf::voltage ? wave->u : wave->i;
    return sine(numbers, draw);
}

Spectrum turned(const Spectrum& unit, double size, double angle_deg) {
    Spectrum s;
    s[0] = size * unit[0];
    for (int h = 1; h < Spectrum::orders; ++h)
        s[h] = size * unit[h] * at_degrees(1, h * angle_deg);
    return s;
}

} // namespace kpmsim
