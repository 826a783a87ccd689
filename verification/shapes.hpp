#pragma once

#include "verification/parameter.hpp"
#include "waveforms/spectrum.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// Numbers that some waves need.
struct ShapeNumbers {
    int order{3};       ///< of "single"
    double fraction{0}; ///< of "single", of the fundamental
};

/// An influence wave has a voltage and a current.
enum class WaveOf { voltage, current };

std::vector<std::string> shape_names();

/// The wave's orders as rms phasors per unit of the whole sine (which a phase-fired or half wave is
/// cut from), up to order 50: what is sampled is band-limited, and so is its truth.
/// `draw` gives random angles to the shapes that have them.
Spectrum shape_spectrum(std::string_view shape, WaveOf side, const ShapeNumbers& numbers,
                        Draw& draw);

/// `unit` times rms `size`, its fundamental turned by `angle_deg`, and each order with it.
Spectrum turned(const Spectrum& unit, double size, double angle_deg);

} // namespace kpmsim
