#include "waveforms/terminals.hpp"

#include "waveforms/leads.hpp"

#include <algorithm>
#include <cassert>

namespace kpmsim {
namespace {

void add(Spectrum& to, double factor, const Spectrum& from) {
    if (factor == 0.0)
        return;
    for (std::size_t h = 0; h < from.rms.size(); ++h)
        to.rms[h] += factor * from.rms[h];
}

std::size_t place(int n) { return static_cast<std::size_t>(n); }

Spectrum& current_at(TerminalSpectra& to, std::size_t circuit, std::size_t t) {
    const int channel = to.channels.current(static_cast<int>(circuit), static_cast<int>(t));
    return to.channel[place(channel)];
}

std::size_t phase_index(int phase) {
    assert(phase >= 0 && phase < 3);
    return static_cast<std::size_t>(phase);
}

/// What a current terminal shows of its phase; there is no transformer in the middle of p3l2. The
/// neutral's counts what comes back.
double transformed(const WiringSpec& wiring, std::size_t circuit, std::size_t t) {
    if (wiring.mode == Wiring::p3l2 && t == 1)
        return 0.0;
    return (wiring.ct_reversed[circuit][t] ? -1.0 : 1.0) * wiring.ct_gain[circuit][t] /
           wiring.ct_ratio[circuit];
}

void add_current(const WiringSpec& wiring, std::size_t circuit, std::size_t t,
                 const PhaseSpectra& drawn, Spectrum& to) {
    add(to, transformed(wiring, circuit, t), drawn[phase_index(wiring.i_phase[circuit][t])]);
}

std::vector<std::array<double, 3>> wired_rows(const WiringSpec& wiring, std::size_t circuit,
                                              std::size_t terminals,
                                              const std::vector<std::array<double, 3>>& drawn) {
    std::vector<std::array<double, 3>> out(drawn.size());
    for (std::size_t t = 0; t < terminals; ++t)
        for (std::size_t n = 0; n < drawn.size(); ++n)
            out[n][t] =
                transformed(wiring, circuit, t) * drawn[n][phase_index(wiring.i_phase[circuit][t])];
    return out;
}

void add_voltages(const WiringSpec& wiring, const SupplyWindow& supply, TerminalSpectra& to) {
    const Leads leads = voltage_leads(wiring);
    for (std::size_t t = 0; t < place(to.channels.phases); ++t)
        for (std::size_t p = 0; p < 3; ++p)
            add(to.channel[t], leads[t][p] / wiring.pt_ratio, supply.u[p]);
}

} // namespace

Leads voltage_leads(const WiringSpec& wiring) {
    // The terminals first: which phase, if any, is on a, b, c.
    Leads on{};
    for (std::size_t t = 0; t < 3; ++t)
        if (!wiring.u_open[t])
            on[t][phase_index(wiring.u_phase[t])] = wiring.u_gain[t];
    if (wiring.mode == Wiring::one_phase)
        return {on[0], {}, {}};
    if (wiring.mode == Wiring::p4l)
        return on;

    const bool a = !wiring.u_open[0];
    const bool b = !wiring.u_open[1];
    const bool c = !wiring.u_open[2];
    Leads out{};
    for (std::size_t p = 0; p < 3; ++p) {
        const double reference = b ? on[1][p] : 0.5 * (on[0][p] + on[2][p]);
        const bool live = b || (a && c); // two leads make a voltage, one does not
        out[0][p] = a && live ? on[0][p] - reference : 0.0;
        out[2][p] = c && live ? on[2][p] - reference : 0.0;
    }
    return out;
}

TerminalSpectra wire(const WiringSpec& wiring, const SupplyWindow& supply,
                     std::span<const PhaseSpectra> circuit_currents) {
    assert(circuit_currents.size() <= max_circuits);
    TerminalSpectra out;
    out.channels = wiring.channels(static_cast<int>(circuit_currents.size()));
    add_voltages(wiring, supply, out);
    for (std::size_t circuit = 0; circuit < circuit_currents.size(); ++circuit)
        for (std::size_t t = 0; t < place(out.channels.per_circuit()); ++t)
            add_current(wiring, circuit, t, circuit_currents[circuit], current_at(out, circuit, t));
    return out;
}

TerminalSpectra wire_drawn(const WiringSpec& wiring, const SupplyWindow& supply,
                           std::span<const WindowCurrents> circuit_currents) {
    assert(circuit_currents.size() <= max_circuits);
    TerminalSpectra out;
    out.channels = wiring.channels(static_cast<int>(circuit_currents.size()));
    const std::size_t terminals = place(out.channels.per_circuit());
    add_voltages(wiring, supply, out);
    for (std::size_t circuit = 0; circuit < circuit_currents.size(); ++circuit) {
        for (std::size_t t = 0; t < terminals; ++t)
            add_current(wiring, circuit, t, circuit_currents[circuit].whole,
                        current_at(out, circuit, t));
        out.pieces[circuit].reserve(circuit_currents[circuit].pieces.size());
        for (const CurrentPiece& drawn : circuit_currents[circuit].pieces) {
            TerminalPiece& piece = out.pieces[circuit].emplace_back();
            piece.first_row = drawn.first_row;
            piece.last_row = drawn.last_row;
            for (std::size_t t = 0; t < terminals; ++t) {
                add_current(wiring, circuit, t, drawn.from, piece.from[t]);
                add_current(wiring, circuit, t, drawn.to, piece.to[t]);
            }
        }
        out.added_a[circuit] =
            wired_rows(wiring, circuit, terminals, circuit_currents[circuit].added_a);
    }
    return out;
}

} // namespace kpmsim
