#pragma once

#include "sim/level_errors.hpp"
#include "sim/metering.hpp"

#include <array>

namespace kpmsim {

/// Errors are told apart from their drift at this temperature (IEC 62052-11: reference conditions).
inline constexpr double reference_c = 23;

/// What one channel of a real meter does wrong: shunt or divider, transformer, converter.
struct ChannelErrors {
    double gain{0};       ///< fraction: 0.002 reads 0.2 % too much
    double phase_rad{0};  ///< of the fundamental, positive = lags; a pure delay
    double offset{0};     ///< fraction of full scale
    double noise_rms{0};  ///< fraction of full scale, white
    double gain_per_k{0}; ///< fraction per kelvin above reference_c
    LevelErrors level;    ///< currents only
    int bits{adc_bits};   ///< of the converter
};

/// All that makes a meter differ from its ideal; all zero is the ideal.
///
/// source  docs/explanation/meter-errors.md
struct MeterErrors {
    std::array<ChannelErrors, max_channels> channel{}; ///< in the order of the meter's ChannelList
    double crystal{0};        ///< fraction by which its clock runs fast at reference_c
    double crystal_per_k2{0}; ///< … and what a difference to reference_c adds, by its square

    double crystal_at(double ambient_c) const;
};

/// Every error `factor` times as large: a bad unit, on purpose.
MeterErrors scaled(MeterErrors errors, double factor);

/// Rms of two noises that know nothing of each other.
double noise_sum(double a_rms, double b_rms);

/// Puts the errors on top of what the converter has already: gains, phases and offsets add, noise
/// adds by its square.
void add_errors(const MeterErrors& errors, double ambient_c, MeteringConfig& config);

} // namespace kpmsim
