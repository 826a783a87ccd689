#pragma once

#include "recordings/recording.hpp"
#include "scenarios/play/conductor.hpp"

#include <array>
#include <complex>
#include <functional>
#include <string>
#include <vector>

namespace kpmsim {

/// Two windows of samples, and what Fourier makes of the second.
struct MomentWaves {
    std::array<std::vector<double>, 3> rows;
    std::array<std::complex<double>, 3> phasor;  ///< of the fundamental, rms
    std::array<std::vector<double>, 3> harmonic; ///< rms of orders 0 to 50
};

/// What stood at a meter's terminals around a moment or, where nobody's are meant, on a supply.
struct Moment {
    std::string place;            ///< of the meter and its circuit, or the supply
    double begin_s{0};            ///< simulated time of the first sample
    double at_s{0};               ///< the moment itself
    double length_s{0};           ///< of all
    MomentWaves u;                ///< V of the primary
    std::optional<MomentWaves> i; ///< A of the primary, at terminals
    Recording recording;          ///< the same, for COMTRADE
};

/// Where a moment is looked at.
struct MomentPlace {
    std::size_t supply{0};
    std::optional<CircuitTerminals> terminals;
};
/// The terminals of whom the expectation speaks; the first supply where that is nobody.
MomentPlace place_of(const Expectation& expectation, const FarmPlan& farm);

/// Runs the scenario once more, up to the moment: what was played is played again, to the bit. Nothing where no window
/// was over by then.
/// `prepare`: what joins the conductor.
std::optional<Moment> moment_of(const Script& script, const MomentPlace& place, SimTime at,
                                const std::function<void(Conductor&)>& prepare);

} // namespace kpmsim
