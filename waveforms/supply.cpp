#include "waveforms/supply.hpp"

#include "waveforms/phase_step.hpp"
#include "waveforms/powers.hpp"
#include "waveforms/sine.hpp"
#include "waveforms/transient_samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace kpmsim {
namespace {

// Phase is a 64-bit fraction of a turn. One nanosecond advances it by the integer
//     step = round(f 2^64 / 1e9),
// a window by step * length, in integers: nothing is rounded after the step, so nothing drifts, and
// overflow is the wrap. The step's own rounding, 2^-65 turn a nanosecond, moves f by less than
// 3e-11 Hz; the window carries the f that the step means.
//
// Disturbances of the frequency add what they have turned further by a moment, in integers, too; so
// the phase at a moment does not depend on the windows before it.
using Wide = __int128;

Turn advance(std::int64_t step, SimDuration by) {
    return {static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(by.count())};
}

/// Whole turns in `turned` (2^64 = one), to the nearest.
int whole_turns(Wide turned) { return static_cast<int>((turned + (Wide{1} << 63)) >> 64); }

void add_harmonics(const std::vector<Harmonic>& list, std::complex<double> own_phase, Spectrum& u) {
    const Powers turned{own_phase};
    for (const Harmonic& h : list)
        if (h.order >= 2 && h.order < Spectrum::orders)
            u[h.order] += h.fraction * (phasor(turn_of_degrees(h.angle_deg)) *
                                        turned[static_cast<std::size_t>(h.order)]);
}

/// The voltages as they would be with a fundamental of 1 V; each phase's harmonics are fractions of
/// its own.
PhaseSpectra shape_of(const SupplySpec& spec) {
    PhaseSpectra out;
    for (std::size_t p = 0; p < 3; ++p) {
        const std::complex<double> own_phase = phasor(turn_of_degrees(spec.angle_deg[p]));
        out[p][1] = own_phase;
        add_harmonics(spec.harmonics, own_phase, out[p]);
        add_harmonics(spec.phase_harmonics[p], own_phase, out[p]);
        out[p] = scaled(spec.magnitude[p], out[p]);
    }
    return out;
}

} // namespace

bool SupplyWindow::coherent() const {
    constexpr std::int64_t limit = std::int64_t{1} << 40; // 2^-24 turn over the whole window
    return turns == window.cycles && slip > -limit && slip < limit && interharmonics.empty() &&
           noise_v == 0.0 && !changes();
}

bool SupplyWindow::valid() const {
    if (!changes())
        return true;
    const auto samples = static_cast<std::size_t>(window.samples());
    int next = 0;
    for (const Segment& segment : rows.segments) {
        if (segment.first_row != next || segment.last_row <= next)
            return false;
        next = segment.last_row;
    }
    return next == window.samples() && rows.phase.size() == samples &&
           rows.level.size() == samples && rows.added_v.size() == samples;
}

Turn SupplyWindow::phase_at(int row) const {
    if (changes())
        return rows.phase[static_cast<std::size_t>(row)];
    return start_phase + static_cast<std::uint64_t>(row) * Turn{step_per_row()};
}

std::uint64_t SupplyWindow::step_per_row() const {
    return kpmsim::step_per_row((Wide{turns} << 64) + slip, window.samples());
}

SimTime moment_of_angle(const SupplySpec& spec, SimTime earliest, int phase, double angle_deg) {
    const std::int64_t step = step_of(spec.f_hz);
    const Turn target = turn_of_degrees(angle_deg) -
                        turn_of_degrees(spec.angle_deg[static_cast<std::size_t>(phase)]);
    const auto left = [&](SimTime at) {
        Wide turned = Wide{step} * at.time_since_epoch().count();
        for (const Disturbance& d : spec.disturbances)
            turned += turned_further(d, {at, 0, 1});
        return target - Turn{static_cast<std::uint64_t>(turned)};
    };
    const auto nanoseconds = [&](double turns) {
        return SimDuration{std::llround(turns / (static_cast<double>(step) * 0x1p-64))};
    };
    const SimDuration passed = nanoseconds(-left(earliest).signed_turns());
    if (passed == SimDuration{0} || passed == SimDuration{1})
        return earliest;
    SimTime at = earliest + nanoseconds(left(earliest).turns());
    for (int n = 0; n < 8; ++n) // a frequency off by a tenth leaves a tenth each time
        at += nanoseconds(left(at).signed_turns());
    return at;
}

SimTime steady_until(const SupplySpec& spec, SimTime at) {
    if (spec.u_drift.deviation != 0.0 || spec.f_drift.deviation != 0.0 || spec.noise_v != 0.0 ||
        !spec.interharmonics.empty())
        return at;
    SimTime until = SimTime::max();
    for (const Disturbance& d : spec.disturbances)
        until = std::min(until, steady_until(d, at));
    return until;
}

SupplyWindow later(SupplyWindow window, std::int64_t windows) {
    const Wide turned = (Wide{window.turns} << 64) + window.slip;
    const Wide phase = (Wide{window.first_turn} << 64) + window.start_phase.raw + turned * windows;
    window.window.start += windows * window.window.length;
    window.start_phase = {static_cast<std::uint64_t>(phase)};
    window.first_turn = static_cast<std::int64_t>(phase >> 64);
    window.first_sample += static_cast<std::uint64_t>(windows * window.window.samples());
    return window;
}

Supply::Supply(SupplySpec spec, Random stream)
    : spec_{std::move(spec)}, shape_{shape_of(spec_)}, stream_{stream},
      u_drift_{spec_.u_drift, Random{stream.key(), "u drift"}}, f_drift_{spec_.f_drift,
                                                                         Random{stream.key(),
                                                                                "f drift"}} {}

SupplyWindow Supply::through(const Window& window) {
    const std::int64_t step = step_of(spec_.f_hz + f_drift_.at(window.start));
    const double level_v = spec_.u_v * (1.0 + u_drift_.at(window.start));
    const Wide further = turned_further(window.start);
    const Wide turned = Wide{step} * window.length.count() + turned_further(window.end()) - further;
    state_.turned += Wide{step} * (window.start - state_.reached).count();

    SupplyWindow out;
    out.window = window;
    out.start_phase = {static_cast<std::uint64_t>(state_.turned + further)};
    out.first_turn = static_cast<std::int64_t>((state_.turned + further) >> 64);
    out.turns = whole_turns(turned);
    out.slip = static_cast<std::int64_t>(turned - (Wide{out.turns} << 64));
    out.f_hz = hertz_of(static_cast<std::int64_t>(turned / window.length.count()));
    for (std::size_t p = 0; p < 3; ++p) {
        out.own_phase[p] = turn_of_degrees(spec_.angle_deg[p]);
        const std::complex<double> own_phase = phasor(out.own_phase[p]);
        out.u[p] = scaled(level_v, shape_[p]);
        out.u[p][0] = spec_.dc_v;
        out.tone_factor[p] = spec_.magnitude[p] * own_phase;
    }
    for (const Interharmonic& tone : spec_.interharmonics) {
        const Turn at_start = advance(step_of(tone.hz), window.start.time_since_epoch());
        out.interharmonics.push_back({hertz_of(step_of(tone.hz)), level_v * tone.fraction,
                                      tone.angle_deg + 360.0 * at_start.turns()});
    }
    out.noise_v = noise_at(window.start);
    out.first_sample = state_.samples;
    disturb(step, out);

    state_.turned += Wide{step} * window.length.count();
    state_.reached = window.end();
    state_.samples += static_cast<std::uint64_t>(window.samples());
    return out;
}

void Supply::disturb(std::int64_t step, SupplyWindow& out) const {
    const std::vector<Disturbance>& all = spec_.disturbances;
    if (all.empty())
        return;
    if (std::any_of(all.begin(), all.end(),
                    [&](const Disturbance& d) { return changes_within(d, out.window); }))
        out.rows = transient_samples(all, out, out.u, step);
    out.u = reshaped(all, out.own_phase, out.u, out.window.start);
    const std::array<double, 3> level = levels(all, row_time(out.window, 0));
    for (std::size_t p = 0; p < 3; ++p) {
        out.u[p] = scaled(level[p], out.u[p]);
        if (!out.changes())
            out.tone_factor[p] *= level[p];
    }
}

double Supply::noise_at(SimTime at) const {
    double square = spec_.noise_v * spec_.noise_v;
    for (const Disturbance& d : spec_.disturbances)
        if (d.kind == DisturbanceKind::noise && stage(d, at) == Stage::on)
            square += d.volts * d.volts;
    return square == spec_.noise_v * spec_.noise_v ? spec_.noise_v : std::sqrt(square);
}

/// Of levels that are set, the one that begins last is the last in the list.
void Supply::disturb(Disturbance what) {
    auto& all = spec_.disturbances;
    const auto before = what.kind != DisturbanceKind::set_level
                            ? all.end()
                            : std::find_if(all.begin(), all.end(), [&](const Disturbance& d) {
                                  return d.kind == what.kind && d.start > what.start;
                              });
    all.insert(before, std::move(what));
}

void Supply::end(std::uint64_t action, SimTime at) {
    auto& all = spec_.disturbances;
    std::erase_if(all, [&](const Disturbance& d) { return d.action == action && d.start >= at; });
    for (Disturbance& d : all)
        if (d.action == action)
            d.length = std::min(d.length, at - d.start);
}

__int128 Supply::turned_further(SimTime at) const {
    Wide sum = 0;
    for (const Disturbance& d : spec_.disturbances)
        sum += kpmsim::turned_further(d, {at, 0, 1});
    return sum;
}

} // namespace kpmsim
