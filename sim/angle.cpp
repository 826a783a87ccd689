// With t = min(|re|, |im|) / max(|re|, |im|), 0 <= t <= 1, and c the nearest eighth,
//     atan t = atan c + atan((t - c) / (1 + c t)),
// where the second argument r is at most 1/16. Its series to r^13 leaves r^15 / 15 < 1e-19. The
// quotient is taken before it is rounded: (low - c high) / (high + c low). Octants do the rest.
#include "sim/angle.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace kpmsim {
namespace {

constexpr int parts = 8;

/// atan of 0, 1/8, …, 1. long double: the x87 has one arctangent for all machines.
const std::array<double, parts + 1>& arctangents() {
    static const std::array<double, parts + 1> made = [] {
        std::array<double, parts + 1> a{};
        for (int n = 0; n <= parts; ++n)
            a[static_cast<std::size_t>(n)] =
                static_cast<double>(std::atan(static_cast<long double>(n) / parts));
        return a;
    }();
    return made;
}

double series(double r) {
    const double y = r * r;
    double sum = 1.0 / 13;
    sum = sum * -y + 1.0 / 11;
    sum = sum * -y + 1.0 / 9;
    sum = sum * -y + 1.0 / 7;
    sum = sum * -y + 1.0 / 5;
    sum = sum * -y + 1.0 / 3;
    return r - r * y * sum;
}

} // namespace

double turns_of(const std::complex<double>& x) noexcept {
    double low = std::abs(x.imag());
    double high = std::abs(x.real());
    const bool steep = low > high;
    if (steep)
        std::swap(low, high);
    if (!(high > 0))
        return 0;
    const long n = std::lround(low / high * parts);
    const double c = static_cast<double>(n) / parts;
    double angle =
        arctangents()[static_cast<std::size_t>(n)] + series((low - c * high) / (high + c * low));
    if (steep)
        angle = std::numbers::pi / 2 - angle;
    if (x.real() < 0)
        angle = std::numbers::pi - angle;
    const double turns = angle / (2 * std::numbers::pi);
    return x.imag() < 0 ? -turns : turns;
}

} // namespace kpmsim
