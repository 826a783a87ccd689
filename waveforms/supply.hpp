#pragma once

#include "sim/clock.hpp"
#include "sim/random.hpp"
#include "sim/window.hpp"
#include "waveforms/disturbance.hpp"
#include "waveforms/drift.hpp"
#include "waveforms/spectrum.hpp"

#include <array>
#include <complex>
#include <cstdint>
#include <vector>

namespace kpmsim {

/// A three-phase supply, as written in the farm file.
struct SupplySpec {
    double u_v{230.0}; ///< line to neutral, rms of the fundamental
    double f_hz{50.0};
    std::array<double, 3> magnitude{1, 1, 1}; ///< unbalance: factor per phase
    std::array<double, 3> angle_deg{0, -120,
                                    120}; ///< counter-clockwise; positive sequence by default
    std::vector<Harmonic> harmonics{};    ///< of every phase, against its own fundamental
    std::array<std::vector<Harmonic>, 3> phase_harmonics{}; ///< further ones of one phase
    std::vector<Interharmonic> interharmonics{};
    double dc_v{0.0};
    double noise_v{0.0}; ///< white, rms
    Drift u_drift{};
    Drift f_drift{};
    std::vector<Disturbance> disturbances{}; ///< in any order
};

/// Rows [first_row, last_row) in which the voltages keep their shape and no level jumps.
struct Segment {
    int first_row{0};
    int last_row{0};
    PhaseSpectra u; ///< rms phasors, V, before the rows' levels
    KPMSIM_FIELDS(first_row, last_row, u);
};

/// What a disturbance makes of a window in which something changes; all of it empty in others.
/// Sample n is
///     level[n] * (the segment's spectra and the interharmonics at phase[n]) + added_v[n] + noise.
struct TransientSamples {
    std::vector<Segment> segments;              ///< adjoining; while a level moves, 1/8 cycle long
    std::vector<Turn> phase;                    ///< of phase a's fundamental, by row
    std::vector<std::array<double, 3>> level;   ///< by row and phase
    std::vector<std::array<double, 3>> added_v; ///< by row and phase
    KPMSIM_FIELDS(segments, phase, level, added_v);
};

/// The supply in one window. Drift moves it from window to window; inside a window everything is
/// constant, unless a disturbance begins, ends or moves there.
struct SupplyWindow {
    Window window;
    Turn start_phase;     ///< of phase a's fundamental at the first sample
    int turns{10};        ///< whole turns of phase a in the window: window.cycles if the lock holds
    std::int64_t slip{0}; ///< how much further it went, 2^64 = one turn; negative when it lags
    double f_hz{50.0};    ///< what the phase really advances by (changing: the mean), to 5e-11 Hz
    PhaseSpectra u;       ///< rms phasors, V; in a window that changes, at its first row
    std::vector<Interharmonic> interharmonics; ///< amplitude in V rms, phase at the window's start
    std::array<std::complex<double>, 3> tone_factor{}; ///< an interharmonic on each phase
    double noise_v{0.0};
    std::uint64_t first_sample{0};   ///< counts the supply's samples, for the noise
    std::int64_t first_turn{0};      ///< whole turns from SimTime{} to start_phase
    std::array<Turn, 3> own_phase{}; ///< where each phase's fundamental stands when a's is at 0,
                                     ///< jumps aside
    bool floats{false};              ///< it stands against a star point that nothing holds
    TransientSamples rows;
    KPMSIM_FIELDS(window, start_phase, turns, slip, f_hz, u, interharmonics, tone_factor, noise_v,
                  first_sample, first_turn, own_phase, floats, rows);
    /// Where it changes, its rows are all there and its segments adjoin.
    bool valid() const;

    bool changes() const { return !rows.segments.empty(); }
    /// Of phase a's fundamental at this row; without changes step_per_row() lies between two.
    Turn phase_at(int row) const;
    std::uint64_t step_per_row() const;
    /// Every cycle of the window has the same samples: no slip worth a bit of the converter,
    /// nothing between the harmonics.
    bool coherent() const;
};

/// The first moment at or after `earliest` at which the phase's fundamental (without jumps) stands
/// at this angle, so that a dip can begin there. Drift of the frequency is not foreseen.
///
/// error   a nanosecond; 2e-5 degrees at 50 Hz
SimTime moment_of_angle(const SupplySpec& spec, SimTime earliest, int phase, double angle_deg);

/// Until when the supply stays as it is at `at`: `at` itself where it moves all the time,
/// SimTime::max() where it never does. Interharmonics and noise move.
SimTime steady_until(const SupplySpec& spec, SimTime at);

/// What a window becomes that many windows later, each as long, while the supply is steady.
SupplyWindow later(SupplyWindow window, std::int64_t windows);

/// What a Supply remembers. Its drifts remember nothing that counts: they are functions of the
/// moment.
struct SupplyState {
    __int128 turned{0}; ///< by the frequency and its drift, since SimTime{}; 2^64 = one turn
    SimTime reached{};
    std::uint64_t samples{0};
    KPMSIM_FIELDS(turned, reached, samples);
    bool valid() const { return within_reach(reached); }
};

/// Steps a supply from window to window.
class Supply {
public:
    Supply(SupplySpec spec, Random stream);

    /// The supply seen through the window that a sample clock asks for; call with adjoining windows
    /// (what lies between the last and this one is passed over at this one's frequency). Phase a
    /// crosses zero upwards at SimTime{}.
    SupplyWindow through(const Window& window);
    const SupplySpec& spec() const { return spec_; }
    /// Something more that happens to it, not before what it was seen through.
    void disturb(Disturbance what);
    /// What an action does is over at this moment, but for the way back; what has not begun does not
    /// happen.
    void end(std::uint64_t action, SimTime at);
    /// Nothing but these happens to it.
    void undisturb(std::vector<Disturbance> all) { spec_.disturbances = std::move(all); }
    /// The supply's noise is one for all meters on it.
    const Random& stream() const { return stream_; }

    /// A Supply of the same spec and stream that was given this goes on as this one does, to the
    /// bit.
    const SupplyState& state() const { return state_; }
    void restore(const SupplyState& state) { state_ = state; }

private:
    void disturb(std::int64_t step, SupplyWindow& out) const;
    __int128 turned_further(SimTime at) const;
    double noise_at(SimTime at) const;

    SupplySpec spec_;
    PhaseSpectra shape_; ///< of a fundamental of 1 V times each phase's magnitude, without DC
    Random stream_;
    DriftPath u_drift_;
    DriftPath f_drift_;
    SupplyState state_;
};

} // namespace kpmsim
