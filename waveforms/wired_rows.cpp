#include "waveforms/wired_rows.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace kpmsim {

void sample(std::span<const WiredRows> parts, const Random& supply_noise,
            std::span<const AdcChannel> adc, SampleBlock& block) {
    thread_local std::vector<double> samples;
    samples.resize(block.data.size());
    SampleBlock whole;
    whole.stride = block.stride;
    whole.data = samples;
    block.rows = parts.front().seen.window.samples();
    assert(block.stride >= block.rows);
    for (const WiredRows& part : parts) {
        sample(part.terminals, part.seen, supply_noise, part.wiring, adc, whole);
        block.window = whole.window;
        block.channels = whole.channels;
        block.voltages = whole.voltages;
        for (int c = 0; c < whole.channels; ++c) {
            const std::span<double> from = whole.channel(c);
            const std::span<double> to = block.channel(c);
            for (int n = part.first_row; n < part.last_row; ++n) // a coherent block repeats
                to[static_cast<std::size_t>(n)] = from[static_cast<std::size_t>(n % whole.rows)];
        }
    }
}

} // namespace kpmsim
