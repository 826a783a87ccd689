#include "scenarios/meter_feed.hpp"

#include "sim/accuracy.hpp"
#include "sim/random.hpp"

#include <algorithm>
#include <cassert>

namespace kpmsim {
namespace {

/// What a load's profile is ahead of the farm's time.
SimDuration lead_of(const LoadPlan& load, CivilTime start) {
    if (load.dated)
        return start - load.dated->first;
    return load.by_clock ? start - std::chrono::floor<std::chrono::days>(start)
                         : SimDuration::zero();
}

} // namespace

MeterFeed::MeterFeed(const FarmPlan& plan, const MeterPlan& meter) : wiring_{meter.wiring} {
    const Random variation{plan.seed, "meter/" + meter.instrument.name + "/load"};
    loops_.resize(static_cast<std::size_t>(meter.instrument.type->loops));
    for (std::size_t loop = 0; loop < loops_.size(); ++loop) {
        const auto load =
            std::find_if(plan.loads.begin(), plan.loads.end(),
                         [&](const LoadPlan& one) { return one.name == meter.loads[loop]; });
        if (meter.loads[loop].empty() || load == plan.loads.end())
            continue;
        LoopLoad& mine = loops_[loop];
        mine.connected = true;
        LoadSpec spec = load->spec;
        spec.scale *= 1.0 + load->vary * (2.0 * variation.uniform(loop) - 1.0);
        mine.load = std::move(spec);
        mine.lead = lead_of(*load, plan.start);
        if (load->recording)
            mine.recorded = load->recording->three;
    }
    for (const SupplyPlan& supply : plan.supplies)
        if (supply.name == meter.supply && supply.recording)
            recorded_time_ = supply.recording->time;
}

PhaseRows MeterFeed::recorded_rows(const LoopLoad& load, const Window& window) const {
    PhaseRows rows = rows_of(*load.recorded, recorded_time_, window);
    for (std::vector<double>& phase : rows)
        for (double& i : phase)
            i *= load.load.spec.scale;
    return rows;
}

TerminalSpectra MeterFeed::at(const SupplyWindow& supply, unsigned switched_off) const {
    const SimTime middle = supply.window.start + supply.window.length / 2;
    const SimDuration before = std::max(SimTime{} - middle, SimDuration::zero());
    std::array<WindowCurrents, max_loops> loop_currents{};
    for (std::size_t loop = 0; loop < loops_.size(); ++loop) {
        if ((switched_off >> loop & 1u) != 0)
            continue;
        if (loops_[loop].recorded)
            loop_currents[loop] =
                given_currents(supply, recorded_rows(loops_[loop], supply.window));
        else if (loops_[loop].connected)
            loop_currents[loop] = draw(loops_[loop].load, supply, loops_[loop].lead + before);
    }
    return wire_drawn(wiring_, supply, std::span{loop_currents}.first(loops_.size()));
}

SimTime MeterFeed::steady_until(SimTime at) const {
    SimTime until = SimTime::max();
    for (const LoopLoad& loop : loops_) {
        if (!loop.connected)
            continue;
        if (loop.recorded)
            return at;
        const SimTime of_loop = kpmsim::steady_until(loop.load.spec, at + loop.lead);
        until = std::min(until, of_loop == SimTime::max() ? of_loop : of_loop - loop.lead);
    }
    return until;
}

MeterErrors unit_errors(const FarmPlan& plan, const MeterPlan& meter) {
    MeterErrors errors;
    if (meter.by_class) {
        const std::vector<AccuracyClass> classes = accuracy_of(meter.instrument);
        assert(!classes.empty());
        errors =
            draw_errors(classes, Random{plan.seed, "meter/" + meter.instrument.name + "/errors"});
    }
    errors.crystal += meter.crystal;
    const int channels = 3 + 3 * meter.instrument.type->loops;
    for (int c = 0; c < channels; ++c) {
        ChannelErrors& mine = errors.channel[static_cast<std::size_t>(c)];
        const AdcErrors& more = c < 3 ? meter.u_errors : meter.i_errors;
        mine.gain += more.gain_error;
        mine.phase_rad += more.phase_error_rad;
        mine.offset += more.offset;
        mine.noise_rms = noise_sum(mine.noise_rms, more.noise_rms);
        mine.gain_per_k += more.gain_per_k;
        mine.bits = more.bits;
        mine.level.compression += more.compression;
    }
    return errors;
}

MeteringConfig metering_config(const FarmPlan& plan, const MeterPlan& meter, double nominal_hz) {
    MeteringConfig config = metering_config(meter.instrument);
    config.nominal_hz = nominal_hz;
    add_errors(unit_errors(plan, meter), meter.ambient_c, config);
    return config;
}

} // namespace kpmsim
