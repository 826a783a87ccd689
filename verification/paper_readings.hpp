#pragma once

#include "sim/metering.hpp"
#include "verification/values.hpp"
#include "waveforms/spectrum.hpp"
#include "waveforms/terminals.hpp"

#include <array>

namespace kpmsim {

/// What decides how a meter reads a window, besides the window.
struct PaperMeter {
    Wiring wiring{Wiring::p4l};
    bool neutral{false};                        ///< one phase, whose neutral's current is measured
    double start_a{0};                          ///< below it a phase meters no P, Q, S
    double temperature_c{0};                    ///< at its sensor
    std::array<double, 3> dead_u{}, dead_i{};   ///< a fundamental below this counts as none
    std::array<double, 3> noise_u{}, noise_i{}; ///< rms of each channel's converter, at the primary
    std::array<double, 3> step_u{}, step_i{};   ///< one code, at the primary
    double power_code{0}; ///< … of full-scale voltage times full-scale current
};

/// A circuit of a meter that is built and told so, behind leads whose ratios are these.
PaperMeter paper_meter(const MeteringConfig& config, const MeteringSettings& settings,
                       const WiringSpec& leads, int circuit);

/// Place of a voltage, and of a circuit's current, among a meter's channels: the voltages first.
std::size_t paper_u_channel(const MeteringConfig& config, std::size_t terminal);
std::size_t paper_i_channel(const MeteringConfig& config, std::size_t circuit,
                            std::size_t terminal);
/// How many terminals there are of these.
std::size_t paper_u_terminals(const MeteringConfig& config);
std::size_t paper_i_terminals(const MeteringConfig& config);

/// The channels of one window as they reach the converter, rms phasors at the primary.
struct PaperWindow {
    PhaseSpectra u; ///< star: Ua Ub Uc; three-wire: Uab, nothing, Ucb; one phase: U
    PhaseSpectra i; ///< two CTs: Ia, anything, Ic; one phase: I, and what comes back in the neutral
    double f_hz{0}; ///< 0 where no voltage tells it
    int samples{0}; ///< of a channel
};

/// What the channels of a meter hold when its leads are where they belong.
PaperWindow on_channels(Wiring wiring, const PhaseSpectra& u, const PhaseSpectra& i, double f_hz,
                        int samples);

/// What a three-phase meter takes these channels for when its menu says another wiring than its leads have:
/// a three-wire meter does not look at the voltage of b, and where only two have transformers b's channel
/// is empty.
PaperWindow taken_for(Wiring menu, Wiring leads, PaperWindow held);

/// Writes down the readings of one window: U, I, P, Q, S, PF, f, components, angles, unbalance, THD,
/// harmonics and their ratios, temperature; no residual current. What a meter has no value for is not
/// written.
///
/// From the definitions, order by order. Nothing of `sim/` or of `waveforms/` works here but their
/// plain structs and the catalogue's names, so that a mistake in the metering, or in the truth that
/// farms write, is not in it as well.
/// A converter's noise counts in rms values as its variance, and in nothing else.
/// error   rounding, below 1e-13 of the greatest order
void write_readings(const PaperMeter& meter, const PaperWindow& window, Values& out);

} // namespace kpmsim
