#include "scenarios/meter_feed.hpp"

#include "sim/random.hpp"

#include <algorithm>

namespace kpmsim {

MeterFeed::MeterFeed(const FarmPlan& plan, const MeterPlan& meter) : wiring_{meter.wiring} {
    const Random variation{plan.seed, "meter/" + meter.instrument.name + "/load"};
    const SimDuration of_day = plan.start - std::chrono::floor<std::chrono::days>(plan.start);
    loops_.resize(static_cast<std::size_t>(meter.instrument.type->loops));
    for (std::size_t loop = 0; loop < loops_.size(); ++loop) {
        const auto load =
            std::find_if(plan.loads.begin(), plan.loads.end(),
                         [&](const LoadPlan& one) { return one.name == meter.loads[loop]; });
        if (meter.loads[loop].empty() || load == plan.loads.end()) {
            continue;
        }
        LoopLoad& mine = loops_[loop];
        mine.connected = true;
        mine.spec = load->spec;
        mine.spec.scale *= 1.0 + load->vary * (2.0 * variation.uniform(loop) - 1.0);
        mine.lead = load->by_clock ? of_day : SimDuration::zero();
    }
}

TerminalSpectra MeterFeed::at(const SupplyWindow& supply) const {
    std::array<WindowCurrents, max_loops> loop_currents{};
    for (std::size_t loop = 0; loop < loops_.size(); ++loop) {
        if (loops_[loop].connected) {
            loop_currents[loop] = draw(loops_[loop].spec, supply, loops_[loop].lead);
        }
    }
    return wire_drawn(wiring_, supply, std::span{loop_currents}.first(loops_.size()));
}

MeteringConfig metering_config(const Instrument& instrument, const MeterPlan& meter,
                               double nominal_hz) {
    MeteringConfig config = instrument.metering_config();
    config.nominal_hz = nominal_hz;
    for (int c = 0; c < config.channels(); ++c) {
        AdcChannel& channel = config.adc[static_cast<std::size_t>(c)];
        const AdcErrors& errors = c < 3 ? meter.u_errors : meter.i_errors;
        channel.noise_rms = errors.noise_rms;
        channel.gain_error = errors.gain_error;
        channel.phase_error_rad = errors.phase_error_rad;
        channel.offset = errors.offset;
    }
    return config;
}

} // namespace kpmsim
