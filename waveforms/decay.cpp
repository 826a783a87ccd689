#include "waveforms/decay.hpp"

#include <cmath>

// e^-x = 2^-k e^r with k ln 2 - x = r, |r| <= ln(2) / 2, whose Taylor series ends after 14 terms. ln 2 is
// taken in two parts, the first of 36 bits, so that k times it is exact.

namespace kpmsim {

double decayed(double x) {
    if (x > 700.0)
        return 0.0;
    constexpr double ln2_high = 0x1.62e42fefap-1;
    constexpr double ln2_low = 0x1.cf79abc9e3b39p-40;
    const double k = std::floor(x / (ln2_high + ln2_low) + 0.5);
    const double r = (k * ln2_high - x) + k * ln2_low;
    double sum = 1.0;
    for (int n = 14; n > 0; --n)
        sum = 1.0 + sum * r / n;
    return std::ldexp(sum, -static_cast<int>(k));
}

} // namespace kpmsim
