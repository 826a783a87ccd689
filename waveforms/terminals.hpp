#pragma once

#include "sim/adc.hpp"
#include "sim/metering.hpp"
#include "sim/window.hpp"
#include "waveforms/load_currents.hpp"
#include "waveforms/spectrum.hpp"
#include "waveforms/supply.hpp"

#include <array>
#include <span>
#include <vector>

namespace kpmsim {

/// How one meter is wired into its cabinet: the real transformers, the real (perhaps wrong) leads.
struct WiringSpec {
    Wiring mode{Wiring::p4l};
    bool neutral{false};  ///< with one phase: a transformer in the neutral, too, behind the loads
    double pt_ratio{1.0}; ///< primary / secondary, of the real transformer
    std::array<double, max_circuits> ct_ratio{1, 1, 1, 1};
    std::array<int, 3> u_phase{0, 1, 2}; ///< which phase lands on terminal Ua, Ub, Uc; with one
                                         ///< phase: on Ua
    std::array<std::array<int, 3>, max_circuits> i_phase{
        {{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}}};
    std::array<std::array<bool, 3>, max_circuits> ct_reversed{};
    std::array<bool, 3> u_open{}; ///< a voltage lead that is not connected
    std::array<std::array<double, 3>, max_circuits> ct_gain{
        {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}}}; ///< what a faulty transformer passes on
    std::array<double, 3> u_gain{1, 1, 1};
    bool neutral_lost{
        false}; ///< the loads' star point is connected to nothing, and the meter to it

    /// Of a meter with so many circuits behind these leads.
    ChannelList channels(int circuits) const { return channel_list(mode, circuits, neutral); }
};

/// A circuit's currents at the terminals in a part of a window; as CurrentPiece. Terminals are those
/// of a ChannelList: a, b, c, or one phase's and its neutral's.
struct TerminalPiece {
    int first_row{0};
    int last_row{0};
    std::array<Spectrum, 3> from;
    std::array<Spectrum, 3> to;
};

/// The spectra at a meter's terminals in one window (secondary V and A), by channel. Where the window changes, the voltages are the supply's rows, and a circuit
/// with pieces follows them; `channel` then says how the window begins.
struct TerminalSpectra {
    std::array<Spectrum, max_channels> channel{};
    ChannelList channels{};
    std::array<std::vector<TerminalPiece>, max_circuits> pieces{};
    /// On top of a circuit's pieces, by row and terminal, if any.
    std::array<std::vector<std::array<double, 3>>, max_circuits> added_a{};

    bool changes() const {
        for (const auto& of_circuit : pieces)
            if (!of_circuit.empty())
                return true;
        return false;
    }
};

/// Wires the supply's voltages and the circuits' currents to the terminals.
TerminalSpectra wire(const WiringSpec& wiring, const SupplyWindow& supply,
                     std::span<const PhaseSpectra> circuit_currents);
/// The same for currents that may change within the window.
TerminalSpectra wire_drawn(const WiringSpec& wiring, const SupplyWindow& supply,
                           std::span<const WindowCurrents> circuit_currents);

/// Samples the terminals at the converter's inputs: fractions of each channel's full scale, with
/// the channel's phase error.
///
/// shape   `block.data` must hold channels * stride; sets window, channels, voltages and rows (128 when
///         coherent)
/// error   below 1e-12 of full scale against the sum of the written sines (see test)
/// A phase error turns the sines; levels, transients and bursts keep their rows.
void sample(const TerminalSpectra& terminals, const SupplyWindow& supply,
            const Random& supply_noise, const WiringSpec& wiring, std::span<const AdcChannel> adc,
            SampleBlock& block);

/// The analytic truth: what a meter without error, told the right ratios, reads at these terminals.
///
/// shape   one circuit; orders 1 to 50 count in U, I, P, S; orders 2 to 31 in THD; DC does not pass
/// unit    primary side, units of the catalogue
/// Interharmonics count in U as their rms; noise counts as its variance.
/// In a window that changes, the readings are those of its rows: rms and P are sums over the rows
/// as the formulas have them (interharmonics included), less their means; harmonics, Q, angles and
/// components are of the rows' Fourier series over the window; f is the supply's mean.
/// What has no value is 0, as a meter shows it.
Readings truth(const TerminalSpectra& terminals, const SupplyWindow& supply,
               const WiringSpec& wiring, int circuit);
/// The same, not-a-number where there is no value: a ratio to nothing (an unbalance without a positive
/// sequence, the power factor or the distortion of no current), an angle of nothing, the frequency of
/// no voltage, without a neutral what needs one, and with one phase what the others or a comparison
/// would take.
Readings truth_if_any(const TerminalSpectra& terminals, const SupplyWindow& supply,
                      const WiringSpec& wiring, int circuit);

/// Of circuits one after the other, from `first` on; what hangs on the voltages alone is worked out once.
void truth_if_any(const TerminalSpectra& terminals, const SupplyWindow& supply,
                  const WiringSpec& wiring, int first, std::span<Readings* const> circuits);

} // namespace kpmsim
