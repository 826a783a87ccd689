#pragma once

#include "recordings/recording.hpp"
#include "scenarios/play/conductor.hpp"

#include <array>
#include <complex>
#include <functional>
#include <vector>

namespace kpmsim {

/// A supply's voltages around a moment: two windows of samples, and what Fourier makes of the second.
struct Moment {
    std::string supply;
    double begin_s{0};  ///< simulated time of the first sample
    double length_s{0}; ///< of all
    std::array<std::vector<double>, 3> u_v;
    std::array<std::complex<double>, 3> phasor_v;  ///< of the fundamental, rms
    std::array<std::vector<double>, 3> harmonic_v; ///< rms of orders 0 to 50
    Recording recording;                           ///< the same, for COMTRADE
};

/// Runs the scenario once more, up to the moment: what was played is played again, to the bit. Nothing where its supply
/// is no sooner sampled.
/// `prepare`: what joins the conductor.
std::optional<Moment> moment_of(const Script& script, std::size_t supply, SimTime at,
                                const std::function<void(Conductor&)>& prepare);

} // namespace kpmsim
