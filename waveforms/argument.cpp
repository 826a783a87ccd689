#include "waveforms/argument.hpp"

#include <cmath>
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

double argument(const std::complex<double>& z) {
    const double size = std::sqrt(std::norm(z));
    if (!(size > 0.0))
        return std::numeric_limits<double>::quiet_NaN();
    const bool beyond = z.real() < 0.0;
    double cosine = std::abs(z.real()) / size;
    double sine = (beyond ? -z.imag() : z.imag()) / size;
    for (int halving = 0; halving < 3; ++halving) {
        cosine = std::sqrt(0.5 * (1.0 + cosine));
        sine /= 2.0 * cosine;
    }
    const double square = sine * sine;
    double term = 1.0;
    double sum = 1.0;
    for (int n = 1; n <= 10; ++n) {
        term *= square * (2 * n - 1) / (2 * n);
        sum += term / (2 * n + 1);
    }
    const double angle = 8.0 * sine * sum;
    if (!beyond)
        return angle;
    return angle > 0.0 ? angle - std::numbers::pi : angle + std::numbers::pi;
}

} // namespace kpmsim
