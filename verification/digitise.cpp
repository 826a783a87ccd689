#include "verification/digitise.hpp"

#include "sim/adc.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {

void Digitiser::operator()(std::span<double> rows) {
    std::array<double, max_samples_per_window> x{};
    std::array<std::int32_t, max_samples_per_window> codes{};
    SampleBlock block;
    block.window.cycles = max_cycles_per_window;
    block.channels = 1;
    block.rows = max_samples_per_window;
    block.data = x;
    AdcChannel adc;
    adc.noise_rms = noise_rms_;
    for (std::size_t n = 0; n < rows.size();) {
        const std::size_t part = std::min(x.size(), rows.size() - n);
        x.fill(0);
        std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(n), part, x.begin());
        clipped_ += convert(block, 0, adc, stream_, done_, codes).report.clipped;
        for (std::size_t k = 0; k < part; ++k)
            rows[n + k] = codes[k] * 0x1p-23;
        n += part;
        done_ += part;
    }
}

} // namespace kpmsim
