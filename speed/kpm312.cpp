#include "speed/kpm312.hpp"

#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace kpmsim {

namespace {

/// Until the sample clock stands.
constexpr int settling_windows = 10;

SupplySpec supply_of(bool drifting) {
    SupplySpec s;
    s.harmonics = thirty_harmonics(0.1);
    if (drifting) {
        s.u_drift = {0.01, 60};
        s.f_drift = {0.02, 60};
    }
    return s;
}

} // namespace

const double ade9000_noise = std::pow(10.0, -101.0 / 20) / std::numbers::sqrt2;

std::vector<Harmonic> thirty_harmonics(double size) {
    std::vector<Harmonic> out;
    for (int h = 2; h <= max_harmonic; ++h)
        out.push_back({h, size / h, 17.0 * h});
    return out;
}

MeteringConfig kpm312_config() {
    MeteringConfig config;
    config.circuits = max_circuits;
    for (std::size_t c = 0; c < max_channels; ++c) {
        config.adc[c].full_scale = (c < 3 ? 400.0 : 100.0) * std::numbers::sqrt2;
        config.adc[c].noise_rms = ade9000_noise;
    }
    return config;
}

Metering make_kpm312(int number) {
    return {kpm312_config(), {}, Random{1, "meter/" + std::to_string(number) + "/noise"}};
}

Grid::Grid(bool drifting) : supply{supply_of(drifting), Random{1, "supply"}} {}

Bay::Bay() : data(static_cast<std::size_t>(max_channels * max_samples_per_window)) {
    block.data = data;
    for (std::size_t loop = 0; loop < max_circuits; ++loop) {
        LoadSpec spec;
        spec.p_w.fill(2000.0 + 500.0 * static_cast<double>(loop));
        spec.pf = 0.9;
        spec.harmonics = thirty_harmonics(0.5);
        loads.emplace_back(std::move(spec));
    }
}

void Bay::meter(const Grid& grid, Metering& metering) {
    for (std::size_t loop = 0; loop < max_circuits; ++loop)
        drawn[loop] = currents(loads[loop], grid.window.u, grid.window.window.start);
    const TerminalSpectra terminals = wire(wiring, grid.window, drawn);
    sample(terminals, grid.window, grid.supply.stream(), wiring, metering.config().adc, block);
    metering.push(block, {});
}

Pipeline::Pipeline(bool drifting) : grid{drifting}, metering{make_kpm312(0)} {
    for (int n = 0; n < settling_windows; ++n)
        window();
}

double Pipeline::window() {
    grid.next();
    bay.meter(grid, metering);
    grid.lock.push(bay.block);
    return metering.state(0).readings[Slot::p];
}

Row::Row(int count, bool drifting) : grid{drifting} {
    meters.reserve(static_cast<std::size_t>(count));
    for (int n = 0; n < count; ++n)
        meters.push_back(make_kpm312(n));
    for (int n = 1; n < settling_windows; ++n) {
        grid.next();
        bay.meter(grid, meters.front());
        grid.lock.push(bay.block);
    }
    window(); // touches all of them
}

double Row::window() {
    grid.next();
    for (Metering& m : meters)
        bay.meter(grid, m);
    grid.lock.push(bay.block);
    return meters.back().state(0).readings[Slot::p];
}

} // namespace kpmsim
