// The influence waves of the standards, from their Fourier series.
//
// With x = sqrt(2) sum of (a_h sin h t + b_h cos h t) the rms phasor of order h is a_h + j b_h.
//
// Phase-fired: sqrt(2) sin t on [f, pi] and [pi + f, 2 pi]. Odd orders only, with p = h + 1, m = h - 1:
//     a_1 = (pi - f + sin(2f) / 2) / pi          b_1 = -sin(f)^2 / pi
//     a_h = (sin(p f) / p - sin(m f) / m) / pi   b_h = ((cos(p f) - 1) / p - (cos(m f) - 1) / m) / pi
// Half-wave: sqrt(2) sin t on [0, pi]. X_0 = sqrt(2) / pi, a_1 = 1/2, and of even order
//     b_h = -2 / (pi (h^2 - 1))
// Square of rms 1: a_h = (2 sqrt(2) / pi) / h, odd orders.
#include "verification/shapes.hpp"

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

Spectrum phase_fired(const ShapeNumbers& numbers, Draw&) {
    const double f = numbers.firing_deg * pi / 180;
    Spectrum s;
    s[1] = {(pi - f + std::sin(2 * f) / 2) / pi, -std::sin(f) * std::sin(f) / pi};
    for (int h = 3; h <= last_order; h += 2) {
        const double p = h + 1;
        const double m = h - 1;
        s[h] = {(std::sin(p * f) / p - std::sin(m * f) / m) / pi,
                ((std::cos(p * f) - 1) / p - (std::cos(m * f) - 1) / m) / pi};
    }
    return s;
}

Spectrum half_wave(const ShapeNumbers&, Draw&) {
    Spectrum s;
    s[0] = std::numbers::sqrt2 / pi;
    s[1] = 0.5;
    for (int h = 2; h <= last_order; h += 2)
        s[h] = {0, -2 / (pi * (h * h - 1.0))};
    return s;
}

Spectrum square(const ShapeNumbers&, Draw&) {
    Spectrum s;
    for (int h = 1; h <= last_order; h += 2)
        s[h] = 2 * std::numbers::sqrt2 / pi / h;
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
    {"phase-fired", phase_fired},
    {"half-wave", half_wave},
    {"square", square},
    {"fifth-10",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{5, 10, 0}});
     }},
    {"fifth-40",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{5, 40, 0}});
     }},
    {"third-20-quadrature",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{3, 20, -90}, {7, 9, -90}});
     }},
    {"quadriform-u",
     [](const ShapeNumbers&, Draw&) {
         return sum_of(
             {{3, 3.8, 180}, {5, 2.4, 180}, {7, 1.7, 180}, {11, 1.0, 180}, {13, 0.8, 180}});
     }},
    {"quadriform-i",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{3, 30, 0}, {5, 18, 0}, {7, 14, 0}, {11, 9, 0}, {13, 5, 0}});
     }},
    {"peaked-u",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{3, 3.8, 0}, {5, 2.4, 180}, {7, 1.7, 0}, {11, 1.0, 0}, {13, 0.8, 180}});
     }},
    {"peaked-i",
     [](const ShapeNumbers&, Draw&) {
         return sum_of({{3, 30, 180}, {5, 18, 0}, {7, 14, 180}, {11, 9, 180}, {13, 5, 0}});
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
    return names;
}

Spectrum shape_spectrum(std::string_view shape, const ShapeNumbers& numbers, Draw& draw) {
    for (const Named& n : all)
        if (shape == n.name)
            return n.make(numbers, draw);
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
