// u2 of three line voltages. They form a triangle, so with p and n the magnitudes of their positive
// and negative sequence
//
//   S2 = sum of squares = 3 (p^2 + n^2),   S4 = sum of fourth powers = S2^2 / 3 + 6 p^2 n^2
//
// and beta = S4 / S2^2 = 1/3 + (2/3) r^2 / (1 + r^2)^2, r = n / p. The standard's
// sqrt((1 - root) / (1 + root)) with root = sqrt(3 - 6 beta) = (1 - r^2) / (1 + r^2) is r, but near
// balance it takes the difference of nearly equal numbers. With d = 6 beta - 2, which is
// 6 (sum of squared distances of the squares from their mean) / S2^2, nothing is lost:
// root = sqrt(1 - d) and r = sqrt(d) / (1 + root).
#include "quality/unbalance.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace kpmsim {

namespace {

double ratio(double part, double whole) { return part == 0 ? 0 : part / whole; }

double mean_of(std::span<const double> x) {
    return x.empty() ? 0 : std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

} // namespace

SequenceComponents sequence_components(std::complex<double> a, std::complex<double> b,
                                       std::complex<double> c) {
    constexpr std::complex<double> turn{-0.5, std::numbers::sqrt3 / 2};
    constexpr std::complex<double> back{-0.5, -std::numbers::sqrt3 / 2};
    return {(a + b + c) / 3.0, (a + turn * b + back * c) / 3.0, (a + back * b + turn * c) / 3.0};
}

double unbalance_u2(const SequenceComponents& s) {
    return ratio(std::abs(s.negative), std::abs(s.positive));
}

double unbalance_u0(const SequenceComponents& s) {
    return ratio(std::abs(s.zero), std::abs(s.positive));
}

double unbalance_from_line_voltages(double u_ab, double u_bc, double u_ca) {
    const double ab = u_ab * u_ab;
    const double bc = u_bc * u_bc;
    const double ca = u_ca * u_ca;
    const double s2 = ab + bc + ca;
    if (s2 == 0)
        return 0;
    const double mean = s2 / 3;
    const double d =
        6 * ((ab - mean) * (ab - mean) + (bc - mean) * (bc - mean) + (ca - mean) * (ca - mean)) /
        (s2 * s2);
    return std::sqrt(d) / (1 + std::sqrt(std::max(0.0, 1 - d)));
}

double max_deviation(std::span<const double> rms) {
    const double mean = mean_of(rms);
    double worst = 0;
    for (const double x : rms)
        worst = std::max(worst, std::abs(x - mean));
    return ratio(worst, mean);
}

double spread(std::span<const double> rms) {
    if (rms.empty())
        return 0;
    const auto ends = std::minmax_element(rms.begin(), rms.end());
    return ratio(*ends.second - *ends.first, mean_of(rms));
}

} // namespace kpmsim
