// The core sees i_a + i_b + i_c + i_n and gives that over its ratio. From the codes on it is sums
// of integers, as for the other currents: N sum x^2 - (sum x)^2 is exact.
#include "sim/residual_current.hpp"

#include <array>
#include <cmath>

namespace kpmsim {

namespace {

__extension__ typedef __int128 Int128;

} // namespace

double ResidualMeter::push(const SampleBlock& block, int channel) {
    std::array<std::int32_t, max_samples_per_window> codes{};
    const Codes got = convert(block, channel, input_.adc, noise_, state_.samples, codes);
    const int times = block.window.samples() / got.rows;
    state_.samples += static_cast<std::uint64_t>(block.window.samples());
    state_.clipped +=
        static_cast<std::uint64_t>(got.report.clipped) * static_cast<std::uint64_t>(times);
    std::int64_t sum = 0;
    std::int64_t square = 0;
    for (int n = 0; n < got.rows; ++n) {
        const std::int64_t x = codes[static_cast<std::size_t>(n)];
        sum += x;
        square += x * x;
    }
    const Int128 exact = static_cast<Int128>(got.rows) * square - static_cast<Int128>(sum) * sum;
    const double rms_codes = std::sqrt(static_cast<double>(exact)) / got.rows;
    return rms_codes * 0x1p-23 * input_.full_primary_a();
}

} // namespace kpmsim
