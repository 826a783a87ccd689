#include "scenarios/farm/meter_terminals.hpp"

#include "sim/accuracy.hpp"
#include "sim/calibration.hpp"
#include "sim/guard.hpp"
#include "sim/random.hpp"
#include "waveforms/floating_star.hpp"
#include "waveforms/sum_currents.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace kpmsim {

using namespace std::chrono_literals;

namespace {

void add(double factor, const PhaseSpectra& from, PhaseSpectra& to) {
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t h = 0; h < from[p].rms.size(); ++h)
            to[p].rms[h] += factor * from[p].rms[h];
}

/// The first row at or after a moment in the window.
int row_at(const Window& window, SimTime at) {
    const SimDuration ahead = (at - window.start) * window.samples();
    return static_cast<int>((ahead + window.length - SimDuration{1}) / window.length);
}

/// The moments inside a window at which something is done to a wiring, or is over.
void cut_window(const Window& window, const std::vector<WiringChange>& changes,
                std::vector<SimTime>& cuts) {
    for (const WiringChange& change : changes)
        for (SimTime at = steady_until(change, window.start); at < window.end();
             at = steady_until(change, at))
            cuts.push_back(at);
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
    : wiring_{meter.wiring}, circuits_{static_cast<std::size_t>(meter.spec.type->circuits)} {
    for (const SupplyPlan& supply : plan.supplies)
        if (supply.name == meter.supply && supply.recording)
            recorded_time_ = supply.recording->time;
    if (!meter.sum) {
        connect(plan, meter, 0);
        return;
    }
    for (const SumPlan::Term& term : meter.sum->terms) {
        const std::size_t before = loads_.size();
        connect(plan, plan.meters[term.meter], summed_.size());
        summed_.push_back(term.meter);
        for (std::size_t n = before; n < loads_.size(); ++n) {
            loads_[n].circuit = 0;
            loads_[n].factor = term.factor;
        }
        sources_.back().factor = term.factor;
    }
}

void MeterTerminals::connect(const FarmPlan& plan, const MeterPlan& meter, std::size_t source) {
    const Random variation{plan.seed, "meter/" + meter.spec.name + "/load"};
    sources_.emplace_back().wiring = meter.wiring;
    if (meter.wiring.mode == Wiring::one_phase)
        sources_.back().one_phase = meter.wiring.u_phase[0];
    for (std::size_t circuit = 0; circuit < max_circuits; ++circuit) {
        const auto load =
            std::find_if(plan.loads.begin(), plan.loads.end(),
                         [&](const LoadPlan& one) { return one.name == meter.loads[circuit]; });
        if (meter.loads[circuit].empty() || load == plan.loads.end())
            continue;
        LoadSpec spec = load->spec;
        spec.scale *= 1.0 + load->vary * (2.0 * variation.uniform(circuit) - 1.0);
        spec.one_phase = sources_.back().one_phase;
        ConnectedLoad& mine = loads_.emplace_back();
        mine.load = std::move(spec);
        mine.lead = ahead_of(*load, plan.start);
        if (load->recording)
            mine.recorded = load->recording->three;
        mine.source = source;
        mine.circuit = mine.of_circuit = circuit;
    }
}

PhaseSamples MeterTerminals::recorded_samples(const ConnectedLoad& load,
                                              const Window& window) const {
    PhaseSamples rows = rows_of(*load.recorded, recorded_time_, window);
    const LoadSpec& spec = load.load.spec;
    for (std::size_t p = 0; p < rows.size(); ++p) {
        const bool connected = !spec.one_phase || static_cast<std::size_t>(*spec.one_phase) == p;
        for (double& i : rows[p])
            i *= connected ? spec.scale : 0.0;
    }
    return rows;
}

WindowCurrents MeterTerminals::drawn(const ConnectedLoad& load, const SupplyWindow& supply) const {
    const SimTime middle = supply.window.start + supply.window.length / 2;
    const SimDuration before = std::max(SimTime{} - middle, SimDuration::zero());
    return changed(load.recorded ? recorded_currents(supply, recorded_samples(load, supply.window))
                                 : currents_of(load.load, supply, load.lead + before),
                   load.changes, supply);
}

bool MeterTerminals::star_is_lost(std::size_t source, SimTime at) const {
    const Source& of = sources_[source];
    return changed(of.wiring, of.wiring_changes, at).neutral_lost;
}

/// The star point of the loads that `takes` says yes to.
template <class Takes>
SupplyWindow MeterTerminals::star_of(const SupplyWindow& supply,
                                     std::span<const unsigned> switched_off,
                                     const Takes& takes) const {
    SupplyWindow steady = supply;
    steady.rows = {};
    steady.floats = true;
    return floating_star(supply, [&](const PhaseSpectra& u) {
        steady.u = u;
        PhaseSpectra sum{};
        for (const ConnectedLoad& load : loads_)
            if (takes(load) && (switched_off[load.source] >> load.of_circuit & 1u) == 0)
                add(load.factor, drawn(load, steady).whole, sum);
        return sum;
    });
}

/// What the loads that `takes` says yes to draw, as their star point lets them.
template <class Takes>
void MeterTerminals::close_star(std::vector<WindowCurrents>& drawn, const Window& window,
                                const Takes& takes) const {
    std::vector<WindowCurrents*> around;
    std::vector<double> factors;
    for (std::size_t n = 0; n < loads_.size(); ++n)
        if (takes(loads_[n])) {
            around.push_back(&drawn[n]);
            factors.push_back(loads_[n].factor);
        }
    sum_to_zero(around, factors, window.samples());
}

/// Where nothing holds the star point of its loads at a moment: the supply as it stands against that.
std::optional<SupplyWindow> MeterTerminals::floating(const SupplyWindow& supply, SimTime wired_at,
                                                     std::span<const unsigned> switched_off) const {
    if (!wiring(wired_at).neutral_lost)
        return std::nullopt;
    // Loads around a star point of their own draw nothing through this one.
    return star_of(supply, switched_off, [&](const ConnectedLoad& load) {
        return summed_.empty() || !star_is_lost(load.source, wired_at);
    });
}

TerminalSpectra MeterTerminals::spectra(const SupplyWindow& seen, SimTime wired_at,
                                        std::span<const unsigned> switched_off) const {
    std::vector<std::optional<SupplyWindow>> stars(summed_.size());
    for (std::size_t n = 0; n < stars.size(); ++n)
        if (star_is_lost(n, wired_at))
            stars[n] = star_of(seen, switched_off,
                               [&](const ConnectedLoad& load) { return load.source == n; });
    std::vector<WindowCurrents> all(loads_.size());
    const auto is_off = [&](const ConnectedLoad& load) {
        return (switched_off[load.source] >> load.of_circuit & 1u) != 0;
    };
    for (std::size_t n = 0; n < loads_.size(); ++n)
        if (const ConnectedLoad& load = loads_[n]; !is_off(load)) {
            const bool own_star = !stars.empty() && stars[load.source];
            all[n] = drawn(load, own_star ? *stars[load.source] : seen);
        }
    for (std::size_t source = 0; source < stars.size(); ++source)
        if (stars[source])
            close_star(all, seen.window,
                       [&](const ConnectedLoad& load) { return load.source == source; });
    if (seen.floats)
        close_star(all, seen.window,
                   [&](const ConnectedLoad& load) { return stars.empty() || !stars[load.source]; });
    std::array<WindowCurrents, max_circuits> circuit_currents{};
    for (std::size_t n = 0; n < loads_.size(); ++n) {
        const ConnectedLoad& load = loads_[n];
        if (is_off(load))
            continue;
        if (summed_.empty())
            circuit_currents[load.circuit] = std::move(all[n]);
        else
            add_currents(circuit_currents[load.circuit], load.factor, all[n],
                         seen.window.samples());
    }
    return wire_drawn(wiring(wired_at), seen, std::span{circuit_currents}.first(circuits_));
}

WiredWindow MeterTerminals::at(const SupplyWindow& supply,
                               std::span<const unsigned> switched_off) const {
    const SimTime start = supply.window.start;
    std::optional<SupplyWindow> star = floating(supply, start, switched_off);
    return {supply, spectra(star ? *star : supply, start, switched_off), wiring(start),
            std::move(star), parts_of(supply, switched_off)};
}

std::vector<WiredRows> MeterTerminals::parts_of(const SupplyWindow& supply,
                                                std::span<const unsigned> switched_off) const {
    std::vector<SimTime> cuts;
    cut_window(supply.window, wiring_changes_, cuts);
    for (const Source& source : sources_)
        cut_window(supply.window, source.wiring_changes, cuts);
    if (cuts.empty())
        return {};
    cuts.push_back(supply.window.start);
    std::sort(cuts.begin(), cuts.end());
    std::vector<WiredRows> parts;
    for (std::size_t n = 0; n < cuts.size(); ++n) {
        const int first = row_at(supply.window, cuts[n]);
        const int last =
            n + 1 < cuts.size() ? row_at(supply.window, cuts[n + 1]) : supply.window.samples();
        if (first == last)
            continue;
        WiredRows& part = parts.emplace_back();
        part.first_row = first;
        part.last_row = last;
        part.wiring = wiring(cuts[n]);
        part.seen = floating(supply, cuts[n], switched_off).value_or(supply);
        part.terminals = spectra(part.seen, cuts[n], switched_off);
    }
    return parts;
}

SimTime MeterTerminals::steady_until(const Window& window) const {
    const SimDuration half = window.length / 2;
    const SimTime middle = window.start + half;
    SimTime until = SimTime::max();
    // What is read in a window's middle holds until a middle lies behind it, and what cuts windows until
    // one has a row beyond.
    const auto limit = [&](SimTime moment, SimDuration less) {
        until = std::min(until, moment == SimTime::max() ? moment : moment - less);
    };
    for (const ConnectedLoad& load : loads_) {
        if (load.recorded)
            return middle;
        limit(kpmsim::steady_until(load.load.spec, middle + load.lead), load.lead);
        for (const LoadChange& change : load.changes) {
            const SimTime still = kpmsim::steady_until(change, window.start);
            if (still < window.end())
                return middle;
            limit(still, half);
            if (change.beside)
                limit(kpmsim::steady_until(change.beside->spec, middle + change.ahead),
                      change.ahead);
        }
    }
    const auto limit_wiring = [&](const std::vector<WiringChange>& changes) {
        for (const WiringChange& change : changes) {
            const SimTime still = kpmsim::steady_until(change, window.start);
            limit(still < window.end() ? middle : still, still < window.end() ? 0ns : half);
        }
    };
    limit_wiring(wiring_changes_);
    for (const Source& source : sources_)
        limit_wiring(source.wiring_changes);
    return until;
}

void MeterTerminals::change(std::size_t source, int circuit, LoadChange what) {
    const auto of_circuit = static_cast<std::size_t>(circuit);
    if (what.beside)
        what.beside->spec.one_phase = sources_.at(source).one_phase;
    auto load = std::find_if(loads_.begin(), loads_.end(), [&](const ConnectedLoad& one) {
        return one.source == source && one.of_circuit == of_circuit;
    });
    if (load == loads_.end()) { // nothing was connected there
        load = loads_.emplace(loads_.end());
        load->source = source;
        load->of_circuit = of_circuit;
        load->circuit = summed_.empty() ? of_circuit : 0;
        load->factor = sources_.at(source).factor;
    }
    load->changes.push_back(std::move(what));
}

void MeterTerminals::change(WiringChange what) { wiring_changes_.push_back(what); }

void MeterTerminals::change_source(std::size_t source, WiringChange what) {
    sources_.at(source).wiring_changes.push_back(what);
}

void MeterTerminals::take_changes(std::size_t source, const MeterTerminals& of) {
    for (const ConnectedLoad& load : of.loads_)
        for (const LoadChange& each : load.changes)
            change(source, static_cast<int>(load.of_circuit), each);
    for (const WiringChange& each : of.wiring_changes_)
        if (each.kind == WiringChangeKind::neutral_lost)
            change_source(source, each);
}

void MeterTerminals::end(std::uint64_t action, SimTime at) {
    for (ConnectedLoad& load : loads_)
        end_of(action, at, load.changes);
    end_of(action, at, wiring_changes_);
    for (Source& source : sources_)
        end_of(action, at, source.wiring_changes);
}

void MeterTerminals::forget_changes() {
    for (ConnectedLoad& load : loads_)
        load.changes.clear();
    wiring_changes_.clear();
    for (Source& source : sources_)
        source.wiring_changes.clear();
}

MeterErrors unit_errors(const FarmPlan& plan, const MeterPlan& meter) {
    MeterErrors errors;
    const ChannelList channels = meter.wiring.channels(meter.spec.type->circuits);
    if (meter.by_class) {
        const std::vector<AccuracyClass> classes = accuracy_of(meter.spec);
        guard(!classes.empty());
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

namespace {

/// What a bench does at the rated current, phase by phase, at power factors 1 and 0.5: the trims of
/// the meter that stands there go into `config`, too.
void trim(MeteringConfig on_bench, MeteringConfig& config) {
    const ChannelList channels = config.channels();
    for (int circuit = 0; circuit < channels.circuits; ++circuit)
        for (int phase = 0; phase < channels.phases; ++phase) {
            const auto u = static_cast<std::size_t>(channels.voltage(phase));
            const auto i = static_cast<std::size_t>(channels.current(circuit, phase));
            const LevelError at_rated = on_bench.level[i].at(1.0);
            const double gain_u = 1 + on_bench.adc[u].gain_error;
            const double gain_i = (1 + on_bench.adc[i].gain_error) * (1 + at_rated.gain);
            const double lag = on_bench.adc[i].phase_error_rad + at_rated.phase_rad -
                               on_bench.adc[u].phase_error_rad;
            const auto point = [&](double phi) {
                return CalibrationPoint{1,      1,      std::cos(phi),
                                        gain_u, gain_i, gain_u * gain_i * std::cos(phi + lag)};
            };
            const Trim found = calibrate(point(0), point(std::numbers::pi / 3));
            apply(found, on_bench.adc[u], on_bench.adc[i]);
            apply(found, config.adc[u], config.adc[i]);
        }
}

} // namespace

MeteringConfig metering_config(const FarmPlan& plan, const MeterPlan& meter, double nominal_hz) {
    MeteringConfig config = metering_config(meter.spec);
    config.nominal_hz = nominal_hz;
    const MeterErrors errors = unit_errors(plan, meter);
    MeteringConfig on_bench = config;
    add_errors(errors, meter.ambient_c, config);
    if (meter.calibrated) {
        add_errors(errors, reference_c, on_bench);
        trim(on_bench, config);
    }
    return config;
}

} // namespace kpmsim
