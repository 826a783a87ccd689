#include "waveforms/recorded_samples.hpp"

#include "waveforms/sine.hpp"
#include "waveforms/true_samples.hpp"

#include <cassert>
#include <cmath>
#include <complex>

namespace kpmsim {
namespace {

using Wide = __int128;

/// Below this part of the strongest phase there is no fundamental to speak of.
constexpr double no_fundamental = 1e-3;
constexpr std::uint64_t turn_of_a_row = std::uint64_t{1} << 57;

/// To 2^-24 of a turn: whatever way a machine's arc tangent rounds, the result is the same. Nothing
/// but the counting of turns rests on it.
Turn angle_of(std::complex<double> x) {
    const double turns = std::arg(x) / 6.283185307179586477;
    return {static_cast<std::uint64_t>(std::llround(turns * 0x1p24)) << 40};
}

/// One cycle of the rows.
std::vector<double> cycle_of(const std::vector<double>& rows, int first) {
    return {rows.begin() + first, rows.begin() + first + samples_per_cycle};
}

/// What the rows of a cycle are beyond their Fourier series.
struct Split {
    PhaseSpectra series; ///< in the window's phase
    std::array<std::array<double, samples_per_cycle>, 3> rest;
};
Split split(const PhaseSamples& rows, int first, Turn start) {
    Split out;
    for (std::size_t p = 0; p < 3; ++p) {
        const std::vector<double> cycle = cycle_of(rows[p], first);
        out.series[p] = turned_by(Turn{} - start, fourier_series(cycle));
        for (std::size_t n = 0; n < cycle.size(); ++n)
            out.rest[p][n] = cycle[n] - value_at(out.series[p], start + Turn{n * turn_of_a_row});
    }
    return out;
}

} // namespace

SupplyWindow SampledSupply::through(const Window& window, const PhaseSamples& u_v) {
    std::array<std::complex<double>, 3> u1;
    double strongest = 0.0;
    for (std::size_t p = 0; p < 3; ++p) {
        assert(u_v[p].size() == static_cast<std::size_t>(window.samples()));
        u1[p] = fourier_series(u_v[p])[1];
        strongest = std::max(strongest, std::norm(u1[p]));
    }
    const auto there = [&](std::size_t p) {
        return strongest > 0.0 && std::norm(u1[p]) > no_fundamental * no_fundamental * strongest;
    };
    const Turn foreseen{static_cast<std::uint64_t>(turned_)};
    const Turn start = there(0) ? angle_of(u1[0]) : foreseen;
    if (begun_)
        turned_ += static_cast<std::int64_t>((start - foreseen).raw);
    else
        turned_ = start.raw;
    begun_ = true;

    SupplyWindow out;
    out.window = window;
    out.start_phase = start;
    out.first_turn = static_cast<std::int64_t>(turned_ >> 64);
    out.turns = window.cycles;
    constexpr std::array<double, 3> usual_deg{0, -120, 120};
    for (std::size_t p = 0; p < 3; ++p)
        out.own_phase[p] = there(p) ? angle_of(u1[p]) - start : turn_of_degrees(usual_deg[p]);
    for (int first = 0; first < window.samples(); first += samples_per_cycle) {
        const Split cycle = split(u_v, first, start);
        out.rows.segments.push_back({first, first + samples_per_cycle, cycle.series});
        for (std::size_t n = 0; n < samples_per_cycle; ++n) {
            out.rows.phase.push_back(start + Turn{n * turn_of_a_row});
            out.rows.level.push_back({1.0, 1.0, 1.0});
            out.rows.added_v.push_back({cycle.rest[0][n], cycle.rest[1][n], cycle.rest[2][n]});
        }
    }
    out.u = out.rows.segments.front().u;
    turned_ += Wide{window.cycles} << 64;
    return out;
}

WindowCurrents recorded_currents(const SupplyWindow& supply, const PhaseSamples& i_a) {
    WindowCurrents out;
    for (int first = 0; first < supply.window.samples(); first += samples_per_cycle) {
        const Split cycle = split(i_a, first, supply.phase_at(first));
        out.pieces.push_back({first, first + samples_per_cycle, cycle.series, cycle.series});
        for (std::size_t n = 0; n < samples_per_cycle; ++n)
            out.added_a.push_back({cycle.rest[0][n], cycle.rest[1][n], cycle.rest[2][n]});
    }
    out.whole = out.pieces.front().from;
    return out;
}

} // namespace kpmsim
