#include "quality/flicker_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <vector>

namespace kpmsim {

namespace {

/// The level that `sorted` (rising) exceeds `percent` of the time.
double exceeded(const std::vector<double>& sorted, double percent) {
    const double at = (1 - percent / 100) * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

double exceeded(const std::vector<double>& sorted, std::initializer_list<double> percents) {
    double sum = 0;
    for (const double percent : percents)
        sum += exceeded(sorted, percent);
    return sum / static_cast<double>(percents.size());
}

} // namespace

double pst(std::span<const double> pinst) {
    if (pinst.empty())
        return 0;
    std::vector<double> sorted(pinst.begin(), pinst.end());
    std::sort(sorted.begin(), sorted.end());
    return std::sqrt(0.0314 * exceeded(sorted, 0.1) + 0.0525 * exceeded(sorted, {0.7, 1, 1.5}) +
                     0.0657 * exceeded(sorted, {2.2, 3, 4}) +
                     0.28 * exceeded(sorted, {6, 8, 10, 13, 17}) +
                     0.08 * exceeded(sorted, {30, 50, 80}));
}

double plt(std::span<const double> pst) {
    double cubes = 0;
    for (const double value : pst)
        cubes += value * value * value;
    return pst.empty() ? 0.0 : std::cbrt(cubes / static_cast<double>(pst.size()));
}

} // namespace kpmsim
