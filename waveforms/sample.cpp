// A channel's samples are a sum of sines (coefficients.hpp). Where the sample clock follows the
// fundamental they come from one cycle (cycle.hpp); where a disturbance has its own phase or level
// in every row, from sines row by row (basis.hpp), which all meters on the supply share.
//
// Sample n stands at theta[n] = start + n (turns 2^64 + slip) / samples. In a coherent block the
// slip is left out and a cycle has samples at every 2^57: ten cycles are one cycle ten times.
#include "waveforms/basis.hpp"
#include "waveforms/channels.hpp"
#include "waveforms/coefficients.hpp"
#include "waveforms/cycle.hpp"
#include "waveforms/leads.hpp"
#include "waveforms/sample_synthesis.hpp"
#include "waveforms/supply_tones.hpp"
#include "waveforms/terminals.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

namespace kpmsim {
namespace {

constexpr std::uint64_t locked_step = (std::uint64_t{1} << 63) / (samples_per_cycle / 2);

/// Three rows of work, of one window at most.
struct Scratch {
    std::array<std::array<double, max_samples_per_window>, 3> of;

    ThreeChannels rows() { return {of[0].data(), of[1].data(), of[2].data()}; }
};

/// One voltage channel of a window that changes: each phase that its leads show, at its level.
void sample_changing_voltage(const Basis& basis, const SupplyWindow& supply,
                             const std::array<double, 3>& leads, double pt_ratio,
                             const AdcChannel& adc, std::span<double> out) {
    thread_local Scratch scratch;
    const ThreeChannels phases = scratch.rows();
    for (const Segment& s : supply.rows.segments) {
        std::array<Coefficients, 3> of;
        for (std::size_t p = 0; p < 3; ++p)
            if (leads[p] != 0.0)
                of[p] = coefficients(scaled(leads[p] / pt_ratio, s.u[p]), adc);
        synthesise_rows(basis, of, s.first_row, s.last_row, phases);
    }
    // A tone is one on all phases; here each phase is a channel of its own.
    Leads own{};
    for (std::size_t p = 0; p < 3; ++p)
        own[p][p] = leads[p];
    add_tones(supply, own, pt_ratio, std::array<AdcChannel, 3>{adc, adc, adc}, phases);
    const double gain = 1.0 / (pt_ratio * adc.full_scale);
    for (std::size_t n = 0; n < out.size(); ++n) {
        double x = 0.0;
        for (std::size_t p = 0; p < 3; ++p)
            x += supply.rows.level[n][p] * phases[p][n] +
                 leads[p] * gain * supply.rows.added_v[n][p];
        out[n] = x;
    }
}

/// A circuit's three channels, piece by piece.
void sample_pieces(const Basis& basis, const std::vector<TerminalPiece>& pieces,
                   std::span<const AdcChannel> adc, const ThreeChannels& out) {
    thread_local Scratch scratch;
    for (const TerminalPiece& piece : pieces) {
        std::array<Coefficients, 3> from;
        std::array<Coefficients, 3> change;
        bool moves = false;
        for (std::size_t c = 0; c < 3; ++c) {
            Spectrum by = scaled(-1.0, piece.from[c]);
            for (std::size_t h = 0; h < by.rms.size(); ++h)
                by.rms[h] += piece.to[c].rms[h];
            from[c] = coefficients(piece.from[c], adc[c]);
            change[c] = coefficients(by, adc[c]);
            moves = moves || change[c].highest > 0 || change[c].offset != 0.0;
        }
        synthesise_rows(basis, from, piece.first_row, piece.last_row, out);
        if (!moves)
            continue;
        synthesise_rows(basis, change, piece.first_row, piece.last_row, scratch.rows());
        const double length = piece.last_row - 1 - piece.first_row;
        for (std::size_t c = 0; c < 3; ++c)
            for (int n = piece.first_row; n < piece.last_row; ++n)
                out[c][n] += (n - piece.first_row) / length * scratch.rows()[c][n];
    }
}

/// Up to three channels whose waves stay what they are through the window.
void sample_steady(Basis& basis, const CycleSynthesis* cycle, const std::array<Coefficients, 3>& of,
                   int channels, const ThreeChannels& out) {
    if (cycle) {
        for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
            cycle->make(of[c], out[c]);
        return;
    }
    basis.reach(std::max({1, of[0].highest, of[1].highest, of[2].highest}));
    synthesise_rows(basis, of, 0, basis.rows(), out);
}

} // namespace

void sample(const TerminalSpectra& terminals, const SupplyWindow& supply,
            const Random& supply_noise, const WiringSpec& wiring, std::span<const AdcChannel> adc,
            SampleBlock& block) {
    const ChannelList& channels = terminals.channels;
    assert(adc.size() >= static_cast<std::size_t>(channels.size()));
    const bool coherent = supply.coherent() && !terminals.changes();
    const int samples = supply.window.samples();
    block.window = supply.window;
    block.channels = channels.size();
    block.voltages = channels.phases;
    block.rows = coherent ? samples_per_cycle : samples;
    assert(block.stride >= block.rows);
    assert(block.data.size() >= static_cast<std::size_t>(block.channels * block.stride));

    const Leads leads = voltage_leads(wiring);
    thread_local Basis basis;
    thread_local CycleSynthesis cycle;
    const std::uint64_t step = coherent ? locked_step : supply.step_per_row();
    const auto slip = static_cast<std::int64_t>(step - locked_step);
    const bool follows = !supply.changes() && CycleSynthesis::can(slip, samples);
    if (supply.changes())
        basis.aim(supply.rows.phase);
    else
        basis.aim(supply.start_phase, step, block.rows);
    if (follows)
        cycle.aim(supply.start_phase, slip, block.rows);
    thread_local Scratch beyond; // lanes of channels that this meter has not
    std::array<Coefficients, 3> of;
    std::array<AdcChannel, 3> three;
    ThreeChannels out{};
    const auto take = [&](int first, int count) {
        of = {};
        three = {};
        out = beyond.rows();
        for (int c = 0; c < count; ++c) {
            const auto lane = static_cast<std::size_t>(c);
            const auto channel = static_cast<std::size_t>(first + c);
            three[lane] = adc[channel];
            of[lane] = coefficients(terminals.channel[channel], adc[channel]);
            out[lane] = block.channel(first + c).data();
        }
    };
    const CycleSynthesis* const steady_cycle = follows ? &cycle : nullptr;
    for (int circuit = 0; circuit < channels.circuits; ++circuit) {
        take(channels.current(circuit, 0), channels.per_circuit());
        const auto n = static_cast<std::size_t>(circuit);
        if (terminals.pieces[n].empty()) {
            sample_steady(basis, steady_cycle, of, channels.per_circuit(), out);
            continue;
        }
        basis.reach(Spectrum::orders - 1);
        sample_pieces(basis, terminals.pieces[n], three, out);
        for (std::size_t row = 0; row < terminals.added_a[n].size(); ++row)
            for (std::size_t c = 0; c < 3; ++c)
                out[c][row] += terminals.added_a[n][row][c] / three[c].full_scale;
    }
    take(0, channels.phases);
    if (supply.changes()) {
        basis.reach(Spectrum::orders - 1);
        for (int c = 0; c < channels.phases; ++c) {
            const auto lane = static_cast<std::size_t>(c);
            sample_changing_voltage(basis, supply, leads[lane], wiring.pt_ratio, three[lane],
                                    block.channel(c));
        }
    } else {
        sample_steady(basis, steady_cycle, of, channels.phases, out);
    }
    if (coherent)
        return;
    if (!supply.changes())
        add_tones(supply, leads, wiring.pt_ratio, three, out);
    if (supply.noise_v != 0.0)
        add_supply_noise(supply, supply_noise, leads, wiring.pt_ratio, three, out);
}

} // namespace kpmsim
