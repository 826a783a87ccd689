#pragma once

#include "sim/clock.hpp"
#include "sim/random.hpp"
#include "sim/window.hpp"
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
};

/// The supply in one window. Everything is constant inside a window; drift moves it from window to
/// window.
struct SupplyWindow {
    Window window;
    Turn start_phase;     ///< of phase a's fundamental at the first sample
    int turns{10};        ///< whole turns of phase a in the window: window.cycles if the lock holds
    std::int64_t slip{0}; ///< how much further it went, 2^64 = one turn; negative when it lags
    double f_hz{50.0};    ///< what the phase really advances by, rounded to 5e-11 Hz
    PhaseSpectra u;       ///< rms phasors, V
    std::vector<Interharmonic> interharmonics; ///< amplitude in V rms, phase at the window's start
    std::array<std::complex<double>, 3> tone_factor{}; ///< an interharmonic on each phase
    double noise_v{0.0};
    std::uint64_t first_sample{0}; ///< counts the supply's samples, for the noise

    /// Every cycle of the window has the same samples: no slip worth a bit of the converter,
    /// nothing between the harmonics.
    bool coherent() const;
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
    /// The supply's noise is one for all meters on it.
    const Random& stream() const { return stream_; }

private:
    SupplySpec spec_;
    Random stream_;
    DriftPath u_drift_;
    DriftPath f_drift_;
    Turn phase_{};
    SimTime reached_{};
    std::uint64_t samples_{0};
};

} // namespace kpmsim
