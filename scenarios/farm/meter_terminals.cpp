#include "scenarios/farm/meter_terminals.hpp"

#include "sim/accuracy.hpp"
#include "sim/random.hpp"
#include "waveforms/floating_star.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

namespace kpmsim {
namespace {

void add(const PhaseSpectra& from, PhaseSpectra& to) {
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t h = 0; h < from[p].rms.size(); ++h)
            to[p].rms[h] += from[p].rms[h];
}

/// What has not begun does not happen; what is over changes nothing any more.
template <class Change>
void end_of(std::uint64_t action, SimTime at, std::vector<Change>& changes) {
    std::erase_if(changes, [&](const Change& c) { return c.action == action && c.from >= at; });
    for (Change& change : changes)
        if (change.action == action)
            change.length = std::min(change.length, at - change.from);
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
        if (meter.wiring.mode == Wiring::one_phase)
            spec.one_phase = meter.wiring.u_phase[0];
        mine.load = std::move(spec);
        mine.lead = ahead_of(*load, plan.start);
        if (load->recording)
            mine.recorded = load->recording->three;
    }
    for (const SupplyPlan& supply : plan.supplies)
        if (supply.name == meter.supply && supply.recording)
            recorded_time_ = supply.recording->time;
}

PhaseSamples MeterTerminals::recorded_samples(const CircuitLoad& load, const Window& window) const {
    PhaseSamples rows = rows_of(*load.recorded, recorded_time_, window);
    const LoadSpec& spec = load.load.spec;
    for (std::size_t p = 0; p < rows.size(); ++p) {
        const bool connected = !spec.one_phase || static_cast<std::size_t>(*spec.one_phase) == p;
        for (double& i : rows[p])
            i *= connected ? spec.scale : 0.0;
    }
    return rows;
}

WindowCurrents MeterTerminals::drawn_by(const CircuitLoad& circuit,
                                        const SupplyWindow& supply) const {
    const SimTime middle = supply.window.start + supply.window.length / 2;
    const SimDuration before = std::max(SimTime{} - middle, SimDuration::zero());
    WindowCurrents own;
    if (circuit.recorded)
        own = recorded_currents(supply, recorded_samples(circuit, supply.window));
    else if (circuit.connected)
        own = currents_of(circuit.load, supply, circuit.lead + before);
    return changed(std::move(own), circuit.changes, supply);
}

std::optional<SupplyWindow> MeterTerminals::floating(const SupplyWindow& supply,
                                                     unsigned switched_off) const {
    if (!wiring(supply.window.start).neutral_lost)
        return std::nullopt;
    SupplyWindow steady = supply;
    steady.rows = {};
    return floating_star(supply, [&](const PhaseSpectra& u) {
        steady.u = u;
        PhaseSpectra sum{};
        for (std::size_t circuit = 0; circuit < circuits_.size(); ++circuit)
            if ((switched_off >> circuit & 1u) == 0)
                add(drawn_by(circuits_[circuit], steady).whole, sum);
        return sum;
    });
}

TerminalSpectra MeterTerminals::at(const SupplyWindow& seen, unsigned switched_off) const {
    std::array<WindowCurrents, max_circuits> circuit_currents{};
    for (std::size_t circuit = 0; circuit < circuits_.size(); ++circuit)
        if ((switched_off >> circuit & 1u) == 0)
            circuit_currents[circuit] = drawn_by(circuits_[circuit], seen);
    return wire_drawn(wiring(seen.window.start), seen,
                      std::span{circuit_currents}.first(circuits_.size()));
}

SimTime MeterTerminals::steady_until(const Window& window) const {
    const SimTime middle = window.start + window.length / 2;
    SimTime until = SimTime::max();
    // What is read in a window's middle holds until a middle lies behind it, what holds from its
    // beginning until a beginning does, and what cuts windows until one has a row beyond.
    const auto limit = [&](SimTime moment, SimDuration less) {
        until = std::min(until, moment == SimTime::max() ? moment : moment - less);
    };
    for (const CircuitLoad& circuit : circuits_) {
        if (circuit.recorded)
            return middle;
        if (circuit.connected)
            limit(kpmsim::steady_until(circuit.load.spec, middle + circuit.lead), circuit.lead);
        for (const LoadChange& change : circuit.changes) {
            const SimTime still = kpmsim::steady_until(change, window.start);
            if (still < window.end())
                return middle;
            limit(still, window.length / 2);
            if (change.beside)
                limit(kpmsim::steady_until(change.beside->spec, middle + change.ahead),
                      change.ahead);
        }
    }
    for (const WiringChange& change : wiring_changes_)
        limit(kpmsim::steady_until(change, window.start), -(window.length / 2));
    return until;
}

void MeterTerminals::change(int circuit, LoadChange what) {
    circuits_.at(static_cast<std::size_t>(circuit)).changes.push_back(std::move(what));
}

void MeterTerminals::change(WiringChange what) { wiring_changes_.push_back(what); }

void MeterTerminals::end(std::uint64_t action, SimTime at) {
    for (CircuitLoad& circuit : circuits_)
        end_of(action, at, circuit.changes);
    end_of(action, at, wiring_changes_);
}

MeterErrors unit_errors(const FarmPlan& plan, const MeterPlan& meter) {
    MeterErrors errors;
    const ChannelList channels = meter.wiring.channels(meter.spec.type->circuits);
    if (meter.by_class) {
        const std::vector<AccuracyClass> classes = accuracy_of(meter.spec);
        assert(!classes.empty());
        errors = draw_errors(classes, channels,
                             Random{plan.seed, "meter/" + meter.spec.name + "/errors"});
    }
    errors.crystal += meter.crystal;
    for (int c = 0; c < channels.size(); ++c) {
        ChannelErrors& mine = errors.channel[static_cast<std::size_t>(c)];
        const AdcErrors& more = channels[c].is_current() ? meter.i_errors : meter.u_errors;
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
