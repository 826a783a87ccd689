#pragma once

#include "sim/lock.hpp"
#include "sim/metering.hpp"
#include "waveforms/load.hpp"
#include "waveforms/terminals.hpp"

#include <utility>
#include <vector>

namespace kpmsim::test {

/// Supply, loads, leads, converter, lock and metering of one meter: the whole way of a window.
struct MeteringChain {
    MeteringChain(const SupplySpec& spec, const WiringSpec& leads,
                  std::vector<LoadSpec> of_circuits, const MeteringConfig& how)
        : supply{spec, Random{1, "supply"}}, wiring{leads}, loads{std::move(of_circuits)},
          config{how}, lock{how.nominal_hz}, metering{how, told(leads), Random{1, "meter/noise"}},
          data(static_cast<std::size_t>(max_channels * max_samples_per_window)) {
        block.data = data;
    }

    void step() {
        window = supply.through(lock.next());
        std::vector<WindowCurrents> drawn;
        drawn.reserve(loads.size());
        for (const LoadSpec& load : loads)
            drawn.push_back(currents_of(load, window));
        terminals = wire_drawn(wiring, window, drawn);
        sample(terminals, window, supply.stream(), wiring, config.adc, block);
        metering.push(block, {});
        lock.push(block);
    }

    Readings right(int circuit = 0) const { return truth(terminals, window, wiring, circuit); }
    const Readings& shown(int circuit = 0) const { return metering.state(circuit).readings; }

    /// A meter that was told the ratios that are really there.
    static MeteringSettings told(const WiringSpec& leads) {
        MeteringSettings s;
        s.pt = leads.pt_ratio;
        s.ct = leads.ct_ratio;
        return s;
    }

    Supply supply;
    WiringSpec wiring;
    std::vector<LoadSpec> loads;
    MeteringConfig config;
    SampleLock lock;
    Metering metering;
    std::vector<double> data;
    SampleBlock block;
    SupplyWindow window;
    TerminalSpectra terminals;
};

} // namespace kpmsim::test
