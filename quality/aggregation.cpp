#include "quality/aggregation.hpp"

#include <cmath>

namespace kpmsim {

double aggregate(std::span<const double> windows) {
    double squares = 0;
    for (const double value : windows) {
        squares += value * value;
    }
    return windows.empty() ? 0.0 : std::sqrt(squares / static_cast<double>(windows.size()));
}

} // namespace kpmsim
