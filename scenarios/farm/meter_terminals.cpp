#include "scenarios/farm/meter_terminals.hpp"

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

MeterTerminals::MeterTerminals(const FarmPlan& plan, const MeterPlan& meter)
    : wiring_{meter.wiring} {
    const Random variation{plan.seed, "meter/" + meter.spec.name + "/load"};
    circuits_.resize(static_cast<std::size_t>(meter.spec.type->circuits));
    for (std::size_t circuit = 0; circuit < circuits_.size(); ++circuit) {
        const auto load =
            std::find_if(plan.loads.begin(), plan.loads.end(),
                         [&](const LoadPlan& one) { return one.name == meter.loads[circuit]; });
        if (meter.loads[circuit].empty() || load == plan.loads.end())
            continue;
        CircuitLoad& mine = circuits_[circuit];
        mine.connected = true;
        LoadSpec spec = load->spec;
        spec.scale *= 1.0 + load->vary * (2.0 * variation.uniform(circuit) - 1.0);
        mine.load = std::move(spec);
        mine.lead = lead_of(*load, plan.start);
        if (load->recording)
            mine.recorded = load->recording->three;
    }
    for (const SupplyPlan& supply : plan.supplies)
        if (supply.name == meter.supply && supply.recording)
            recorded_time_ = supply.recording->time;
}

PhaseSamples MeterTerminals::recorded_samples(const CircuitLoad& load, const Window& window) const {
    PhaseSamples rows = rows_of(*load.recorded, recorded_time_, window);
    for (std::vector<double>& phase : rows)
        for (double& i : phase)
            i *= load.load.spec.scale;
    return rows;
}

TerminalSpectra MeterTerminals::at(const SupplyWindow& supply, unsigned switched_off) const {
    const SimTime middle = supply.window.start + supply.window.length / 2;
    const SimDuration before = std::max(SimTime{} - middle, SimDuration::zero());
    std::array<WindowCurrents, max_circuits> circuit_currents{};
    for (std::size_t circuit = 0; circuit < circuits_.size(); ++circuit) {
        if ((switched_off >> circuit & 1u) != 0)
            continue;
        if (circuits_[circuit].recorded)
            circuit_currents[circuit] =
                recorded_currents(supply, recorded_samples(circuits_[circuit], supply.window));
        else if (circuits_[circuit].connected)
            circuit_currents[circuit] =
                currents_of(circuits_[circuit].load, supply, circuits_[circuit].lead + before);
    }
    return wire_drawn(wiring_, supply, std::span{circuit_currents}.first(circuits_.size()));
}

SimTime MeterTerminals::steady_until(SimTime at) const {
    SimTime until = SimTime::max();
    for (const CircuitLoad& circuit : circuits_) {
        if (!circuit.connected)
            continue;
        if (circuit.recorded)
            return at;
        const SimTime of_circuit = kpmsim::steady_until(circuit.load.spec, at + circuit.lead);
        until =
            std::min(until, of_circuit == SimTime::max() ? of_circuit : of_circuit - circuit.lead);
    }
    return until;
}

MeterErrors unit_errors(const FarmPlan& plan, const MeterPlan& meter) {
    MeterErrors errors;
    if (meter.by_class) {
        const std::vector<AccuracyClass> classes = accuracy_of(meter.spec);
        assert(!classes.empty());
        errors = draw_errors(classes, Random{plan.seed, "meter/" + meter.spec.name + "/errors"});
    }
    errors.crystal += meter.crystal;
    const int channels = 3 + 3 * meter.spec.type->circuits;
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
    MeteringConfig config = metering_config(meter.spec);
    config.nominal_hz = nominal_hz;
    add_errors(unit_errors(plan, meter), meter.ambient_c, config);
    return config;
}

} // namespace kpmsim
