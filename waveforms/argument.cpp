#include "waveforms/argument.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

// On the unit circle an angle is halved by
//
//     cos(a / 2) = sqrt((1 + cos a) / 2),     sin(a / 2) = sin a / (2 cos(a / 2)),
//
// which loses nothing while |a| <= pi / 2; what is beyond is turned by pi first. After three halvings
// |a| <= pi / 16 and sin a <= 0.196, where the arcsine's series
//
//     asin s = s (1 + 1/2 s^2/3 + (1 3)/(2 4) s^4/5 + …)
//
// has a remainder below 1e-17 after the power 20. Square roots, quotients and products are rounded
// alike everywhere (IEEE 754), which a library's arctangent is not.

namespace kpmsim {
namespace {

/// Of the arcsine, the powers 1, 3, … 21 of s.
constexpr auto series = [] {
    std::array<double, 11> of{};
    double product = 1.0;
    for (int n = 0; n < static_cast<int>(of.size()); ++n) {
        of[static_cast<std::size_t>(n)] = product / (2 * n + 1);
        product *= (2.0 * n + 1.0) / (2.0 * n + 2.0);
    }
    return of;
}();

} // namespace

double argument(const std::complex<double>& z) {
    const double size = std::sqrt(std::norm(z));
    if (!(size > 0.0))
        return std::numeric_limits<double>::quiet_NaN();
    const bool beyond = z.real() < 0.0;
    double cosine = std::abs(z.real()) / size;
    double sine = (beyond ? -z.imag() : z.imag()) / size;
    double halved = 1.0;
    for (int halving = 0; halving < 3; ++halving) {
        cosine = std::sqrt(0.5 * (1.0 + cosine));
        halved *= 2.0 * cosine;
    }
    sine /= halved;
    const double square = sine * sine;
    double sum = 0.0;
    for (std::size_t n = series.size(); n-- > 0;)
        sum = sum * square + series[n];
    const double angle = 8.0 * sine * sum;
    if (!beyond)
        return angle;
    return angle > 0.0 ? angle - std::numbers::pi : angle + std::numbers::pi;
}

} // namespace kpmsim
