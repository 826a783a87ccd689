#pragma once

#include "sim/lock.hpp"
#include "sim/metering.hpp"
#include "verification/kind.hpp"
#include "waveforms/supply.hpp"
#include "waveforms/terminals.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Windows until the sample clock stands, from a start at the nominal frequency.
inline constexpr int settling_windows = 10;

/// Full scales of the mode's converter: a sine of `u_v` and `i_a` rms at the primary reaches full
/// scale, on all channels.
MeteringConfig converter(const WiringSpec& wiring, double f_hz, Mode mode, double u_v, double i_a);

/// One meter on one supply: supply, wiring, samples, clock, converter, metering, window by window.
struct Rig {
    /// `noise` names the converter's noise: another run of the same set-up has another one.
    Rig(const SupplySpec& spec, const WiringSpec& leads, const MeteringConfig& config,
        const MeteringSettings& settings, const Draw& draw, std::string_view noise = "converter");

    /// Opens the next window of the supply; the harmonics of all phases may then be changed.
    void open();
    /// Samples and meters it with these currents at the primary.
    void close(const PhaseSpectra& currents, const MeteringMoment& moment = {}) {
        close({&currents, 1}, moment);
    }
    void close(std::span<const PhaseSpectra> circuit_currents, const MeteringMoment& moment);
    void step(const PhaseSpectra& currents) {
        open();
        close(currents);
    }

    const Readings& shown() const { return metering.state(0).readings; }
    Readings right() const { return truth(terminals, window, wiring, 0); }

    Supply supply;
    WiringSpec wiring;
    SampleLock lock;
    Metering metering;
    std::vector<double> data;
    SampleBlock block;
    SupplyWindow window;
    TerminalSpectra terminals;
};

/// Ratios as they really are.
MeteringSettings told(const WiringSpec& leads);

/// A copy of a block in which each row of the window stands for itself, in `data`: what is done to
/// one cycle is then not done to the others.
SampleBlock unfolded(const SampleBlock& block, std::vector<double>& data);

} // namespace kpmsim
