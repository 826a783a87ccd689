#pragma once

#include "waveforms/load.hpp"
#include "waveforms/supply.hpp"

#include <array>
#include <vector>

namespace kpmsim {

/// What a load draws in rows [first_row, last_row): spectra that go straight, row by row, from
/// `from` at the first row to `to` at the last. A phase that rests is zero in both.
struct CurrentPiece {
    int first_row{0};
    int last_row{0};
    PhaseSpectra from;
    PhaseSpectra to;
};

/// What is drawn in one of its rows.
PhaseSpectra at_row(const CurrentPiece& piece, int row);

/// A load's currents in one window: constant when there are no pieces.
struct WindowCurrents {
    PhaseSpectra whole; ///< with pieces: what is drawn at the window's first row, bursts aside
    std::vector<CurrentPiece> pieces;
    std::vector<std::array<double, 3>> added_a{}; ///< on top, by row and phase, if any
};

/// The currents the load draws in this window, A rms. It answers to the voltage of each segment at
/// its ends; frequency and transients do not move it. A profile is read in the window's middle,
/// `lead` later than the farm's time. Burst-fired phases are on and off by whole cycles, counted
/// from SimTime{}, at the first row on or after the upward zero crossing of their own voltage
/// (jumps aside).
WindowCurrents currents_of(const Load& load, const SupplyWindow& supply, SimDuration lead = {});

} // namespace kpmsim
