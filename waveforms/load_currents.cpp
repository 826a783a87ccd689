#include "waveforms/load_currents.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {
namespace {

using Wide = __int128;
using Gate = std::array<bool, 3>;

PhaseSpectra at_level(const PhaseSpectra& u, const std::array<double, 3>& level) {
    return {scaled(level[0], u[0]), scaled(level[1], u[1]), scaled(level[2], u[2])};
}

StarPoint star_of(const SupplyWindow& supply) {
    return supply.floats ? StarPoint::floats : StarPoint::held;
}

std::vector<CurrentPiece> answers(const Load& load, const SupplyWindow& supply, SimTime at) {
    std::vector<CurrentPiece> out;
    out.reserve(supply.rows.segments.size());
    for (const Segment& s : supply.rows.segments) {
        const auto& first = supply.rows.level[static_cast<std::size_t>(s.first_row)];
        const auto& last = supply.rows.level[static_cast<std::size_t>(s.last_row - 1)];
        CurrentPiece& piece = out.emplace_back();
        piece.first_row = s.first_row;
        piece.last_row = s.last_row;
        piece.from = currents(load, at_level(s.u, first), at, star_of(supply));
        piece.to =
            first == last ? piece.from : currents(load, at_level(s.u, last), at, star_of(supply));
    }
    return out;
}

/// Which phases of a burst-fired load are on, row by row. The phase of a row is known up to whole
/// turns; it goes on by much less than one, so that a smaller number is a new turn.
std::vector<Gate> gates(const BurstFiring& burst, const SupplyWindow& supply) {
    const std::int64_t period = burst.on + burst.off;
    std::vector<Gate> out(static_cast<std::size_t>(supply.window.samples()));
    for (std::size_t p = 0; p < 3; ++p) {
        const auto own = static_cast<std::int64_t>(supply.own_phase[p].raw);
        const Wide start = (Wide{supply.first_turn} << 64) + supply.start_phase.raw + own;
        auto turn = static_cast<std::int64_t>(start >> 64);
        auto last = static_cast<std::uint64_t>(start);
        for (std::size_t n = 0; n < out.size(); ++n) {
            const std::uint64_t now =
                (supply.phase_at(static_cast<int>(n)) + supply.own_phase[p]).raw;
            turn += now < last ? 1 : 0;
            last = now;
            const std::int64_t of_period = turn % period;
            out[n][p] = (of_period < 0 ? of_period + period : of_period) < burst.on;
        }
    }
    return out;
}

PhaseSpectra through(const Gate& gate, PhaseSpectra i) {
    for (std::size_t p = 0; p < 3; ++p)
        if (!gate[p])
            i[p] = {};
    return i;
}

/// The pieces cut where a phase goes on or off.
std::vector<CurrentPiece> gated(const std::vector<CurrentPiece>& pieces,
                                const std::vector<Gate>& gates) {
    std::vector<CurrentPiece> out;
    for (const CurrentPiece& piece : pieces) {
        for (int from = piece.first_row; from < piece.last_row;) {
            const Gate& gate = gates[static_cast<std::size_t>(from)];
            int to = from + 1;
            while (to < piece.last_row && gates[static_cast<std::size_t>(to)] == gate)
                ++to;
            out.push_back({from, to, through(gate, at_row(piece, from)),
                           through(gate, at_row(piece, to - 1))});
            from = to;
        }
    }
    return out;
}

} // namespace

PhaseSpectra at_row(const CurrentPiece& piece, int row) {
    const int length = piece.last_row - 1 - piece.first_row;
    const double part =
        length > 0 ? static_cast<double>(row - piece.first_row) / static_cast<double>(length) : 0.0;
    PhaseSpectra out = piece.from;
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t h = 0; h < out[p].rms.size(); ++h)
            out[p].rms[h] += part * (piece.to[p].rms[h] - piece.from[p].rms[h]);
    return out;
}

WindowCurrents currents_of(const Load& load, const SupplyWindow& supply, SimDuration lead) {
    const SimTime at = supply.window.start + supply.window.length / 2 + lead;
    WindowCurrents out;
    out.whole = currents(load, supply.u, at, star_of(supply));
    if (supply.changes())
        out.pieces = answers(load, supply, at);
    if (load.spec.burst.off > 0) {
        if (out.pieces.empty())
            out.pieces = {{0, supply.window.samples(), out.whole, out.whole}};
        out.pieces = gated(out.pieces, gates(load.spec.burst, supply));
    }
    return out;
}

} // namespace kpmsim
