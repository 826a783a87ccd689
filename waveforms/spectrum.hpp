#pragma once

#include "sim/fields.hpp"

#include <array>
#include <complex>
#include <vector>

namespace kpmsim {

/// Harmonics 1 to 50 and DC of one channel, rms phasors:
/// x(t) = X0 + sqrt(2) sum over h of Im{ X_h e^(j h theta(t)) }, theta the phase of Ua's
/// fundamental. A harmonic at angle 0 starts at the zero crossing, as the standards' tables have
/// it.
struct Spectrum {
    static constexpr int orders = 51;
    std::array<std::complex<double>, orders> rms{}; ///< [0] is DC, real
    KPMSIM_FIELDS(rms);

    std::complex<double>& operator[](int h) { return rms[static_cast<std::size_t>(h)]; }
    const std::complex<double>& operator[](int h) const { return rms[static_cast<std::size_t>(h)]; }
};

using PhaseSpectra = std::array<Spectrum, 3>;

inline Spectrum scaled(double by, Spectrum x) {
    for (std::complex<double>& of_order : x.rms)
        of_order *= by;
    return x;
}

/// One harmonic as written in a file: `5 = "2.5 % @ 180deg"`. The angle counts from the zero
/// crossing of the fundamental it belongs to, in degrees of the harmonic.
struct Harmonic {
    int order{0};
    double fraction{0.0}; ///< of the fundamental
    double angle_deg{0.0};
};

/// A tone between the harmonics, the same on all phases shifted by each phase's angle.
struct Interharmonic {
    double hz{0.0};
    double fraction{0.0}; ///< of the fundamental (in a SupplyWindow: V rms)
    double angle_deg{0.0};
    KPMSIM_FIELDS(hz, fraction, angle_deg);
};

} // namespace kpmsim
