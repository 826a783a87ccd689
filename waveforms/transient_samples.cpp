#include "waveforms/transient_samples.hpp"

#include "waveforms/powers.hpp"
#include "waveforms/sine.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

using Wide = __int128;

/// While a level moves, loads answer to it this often.
constexpr int rows_between_answers = samples_per_cycle / 8;

bool is_transient(const Disturbance& d) {
    return d.kind == DisturbanceKind::oscillation || d.kind == DisturbanceKind::impulse;
}

/// Its level is another one at every row, as long as it is in this stage.
bool moves(const Disturbance& d, Stage now) {
    if (d.kind == DisturbanceKind::flicker_sine)
        return now == Stage::on;
    return (d.kind == DisturbanceKind::level || d.kind == DisturbanceKind::set_level) &&
           (now == Stage::rising || now == Stage::falling);
}

/// Rows with the same number lie in one segment.
int state(const Disturbance& d, const RowTime& t) {
    if (d.kind == DisturbanceKind::frequency || d.kind == DisturbanceKind::noise || is_transient(d))
        return 0;
    const bool low = d.kind == DisturbanceKind::flicker_square && level_factor(d, t) < 1.0;
    return 2 * static_cast<int>(stage(d, t.at)) + (low ? 1 : 0);
}

/// Those that are there in some part of the window.
std::vector<Disturbance> present(std::span<const Disturbance> all, const Window& window) {
    std::vector<Disturbance> out;
    for (const Disturbance& d : all)
        if (stage(d, window.end()) != Stage::before && stage(d, window.start) != Stage::over)
            out.push_back(d);
    return out;
}

void add_row(std::span<const Disturbance> present, const SupplyWindow& window, std::int64_t step,
             int row, TransientSamples& out) {
    const RowTime t = row_time(window.window, row);
    const RowTime start = row_time(window.window, 0);
    Wide turned = Wide{step} * window.window.length.count() * row / t.of;
    std::array<double, 3> added{};
    for (const Disturbance& d : present) {
        turned += turned_further(d, t) - turned_further(d, start);
        const double v = added_volts(d, t);
        for (std::size_t p = 0; p < 3; ++p)
            added[p] += d.phases[p] ? v : 0.0;
    }
    out.phase.push_back(window.start_phase + Turn{static_cast<std::uint64_t>(turned)});
    out.level.push_back(levels(present, t));
    out.added_v.push_back(added);
}

/// Against the fundamental as it is, behind it as the supply's own.
void add_harmonics(const Disturbance& d, Spectrum& u) {
    const double size = std::sqrt(std::norm(u[1]));
    if (size > 0.0) {
        const Powers turned{u[1] / size};
        for (const Harmonic& h : d.harmonics)
            u[h.order] +=
                size * h.fraction *
                (phasor(turn_of_degrees(h.angle_deg)) * turned[static_cast<std::size_t>(h.order)]);
    }
    u[0] += d.volts;
}

} // namespace

bool changes_within(const Disturbance& d, const Window& window) {
    if (d.kind == DisturbanceKind::noise)
        return false;
    const bool frequency = d.kind == DisturbanceKind::frequency;
    // The phase counts to the window's very end, the rest to its last row.
    const SimTime last =
        frequency ? window.end() - SimDuration{1} : row_time(window, window.samples() - 1).at;
    const Stage first = stage(d, window.start);
    if (first != stage(d, last) || first == Stage::rising || first == Stage::falling)
        return true;
    return first == Stage::on && (is_transient(d) || d.kind == DisturbanceKind::flicker_sine ||
                                  d.kind == DisturbanceKind::flicker_square);
}

PhaseSpectra reshaped(std::span<const Disturbance> all, const std::array<Turn, 3>& own_phase,
                      PhaseSpectra u, SimTime at) {
    std::array<Turn, 3> own = own_phase;
    for (const Disturbance& d : all) {
        if (d.kind != DisturbanceKind::harmonics || stage(d, at) != Stage::on)
            continue;
        for (std::size_t p = 0; p < 3; ++p)
            if (d.phases[p])
                add_harmonics(d, u[p]);
    }
    for (const Disturbance& d : all) {
        if (d.kind != DisturbanceKind::phase_jump || stage(d, at) != Stage::on)
            continue;
        const Turn jump = turn_of_degrees(d.angle_deg);
        for (std::size_t p = 0; p < 3; ++p) {
            if (d.phases[p]) {
                u[p] = turned_by(jump, u[p]);
                own[p] = own[p] + jump;
            }
        }
    }
    for (const Disturbance& d : all) {
        if (d.kind != DisturbanceKind::notches || stage(d, at) != Stage::on)
            continue;
        for (std::size_t p = 0; p < 3; ++p)
            if (d.phases[p])
                u[p] = notched(d, own[p], u[p]);
    }
    return u;
}

std::array<double, 3> levels(std::span<const Disturbance> all, const RowTime& t) {
    std::array<double, 3> out{1, 1, 1};
    for (const Disturbance& d : all) {
        if (d.kind != DisturbanceKind::set_level)
            continue;
        const double there = share(d, t);
        for (std::size_t p = 0; p < 3; ++p)
            if (d.phases[p])
                out[p] = there == 1.0 ? d.factor : out[p] + there * (d.factor - out[p]);
    }
    for (const Disturbance& d : all) {
        const double factor = level_factor(d, t);
        for (std::size_t p = 0; p < 3; ++p)
            out[p] *= d.phases[p] ? factor : 1.0;
    }
    return out;
}

TransientSamples transient_samples(std::span<const Disturbance> all, const SupplyWindow& window,
                                   const PhaseSpectra& u, std::int64_t step) {
    const std::vector<Disturbance> here = present(all, window.window);
    const int samples = window.window.samples();
    TransientSamples out;
    std::vector<int> last_states;
    std::vector<int> states;
    int since_cut = 0;
    for (int n = 0; n < samples; ++n, ++since_cut) {
        add_row(here, window, step, n, out);
        const RowTime t = row_time(window.window, n);
        bool moving = false;
        states.clear();
        for (const Disturbance& d : here) {
            states.push_back(state(d, t));
            moving = moving || moves(d, stage(d, t.at));
        }
        if (n == 0 || states != last_states || (moving && since_cut == rows_between_answers)) {
            if (n > 0)
                out.segments.back().last_row = n;
            out.segments.push_back({n, samples, reshaped(here, window.own_phase, u, t.at)});
            since_cut = 0;
        }
        last_states = states;
    }
    return out;
}

} // namespace kpmsim
