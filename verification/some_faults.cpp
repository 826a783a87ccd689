#include "verification/some_faults.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {

void draw_leads(bool ratios, bool miswired, Draw& draw, WiringSpec& w) {
    if (ratios) {
        w.pt_ratio = std::round(draw.between(2, 100));
        for (double& ct : w.ct_ratio)
            ct = std::round(draw.between(2, 1000));
    }
    if (!miswired)
        return;
    const auto shuffled = [&](std::array<int, 3>& phases) {
        std::swap(phases[0], phases[static_cast<std::size_t>(draw.between(0, 3))]);
        std::swap(phases[1], phases[1 + static_cast<std::size_t>(draw.between(0, 2))]);
    };
    shuffled(w.u_phase);
    for (std::size_t circuit = 0; circuit < max_circuits; ++circuit) {
        shuffled(w.i_phase[circuit]);
        for (bool& reversed : w.ct_reversed[circuit])
            reversed = draw.between(0, 2) < 1;
    }
}

MeterErrors some_errors(Draw& draw) {
    MeterErrors e;
    const auto within = [&](double most) { return draw.between(-most, most); };
    e.crystal = within(1e-3);
    e.crystal_per_k2 = within(1e-6);
    for (std::size_t c = 0; c < e.channel.size(); ++c) {
        ChannelErrors& channel = e.channel[c];
        channel.gain = within(0.02);
        channel.phase_rad = within(0.02);
        channel.offset = within(0.01);
        channel.gain_per_k = within(2e-4);
        if (c < 3)
            continue;
        if (draw.between(0, 4) < 1)
            continue; // linear
        channel.level.compression = within(0.01);
        for (std::size_t n = 0; n < ct_levels.size(); ++n) {
            channel.level.ct_ratio[n] = within(0.02);
            channel.level.ct_phase_rad[n] = within(0.1);
        }
    }
    return e;
}

} // namespace kpmsim
