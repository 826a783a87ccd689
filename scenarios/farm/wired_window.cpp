#include "scenarios/farm/wired_window.hpp"

namespace kpmsim {

void WiredWindow::sample(const Random& supply_noise, std::span<const AdcChannel> adc,
                         SampleBlock& block) const {
    if (parts.empty())
        kpmsim::sample(terminals, seen(), supply_noise, wiring, adc, block);
    else
        kpmsim::sample(parts, supply_noise, adc, block);
}

void WiredWindow::truth_if_any(int first, std::span<Readings* const> circuits) const {
    if (parts.empty())
        kpmsim::truth_if_any(terminals, seen(), wiring, first, circuits);
    else
        kpmsim::truth_if_any(parts, first, circuits);
}

} // namespace kpmsim
