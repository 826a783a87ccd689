#pragma once

#include <optional>

namespace kpmsim {

/// Volts, both ends inside.
struct VoltageSpan {
    double least{0};
    double most{0};

    bool holds(double u_v) const { return least <= u_v && u_v <= most; }
};

/// Where a meter's voltages mean what its accuracy promises, rms at its terminals.
struct MeasuringRange {
    std::optional<VoltageSpan> phase; ///< to neutral
    std::optional<VoltageSpan> line;

    bool empty() const { return !phase && !line; }
};

/// What is promised of its temperatures and residual currents, where anything is.
struct SensorLimits {
    std::optional<double> least_c; ///< range of its sensors
    std::optional<double> most_c;
    std::optional<double> residual_most_a;
    double temperature_c{0}; ///< limit of the error of what it shows; 0 = none
    double resistance{0};    ///< … of a thermistor's resistance, fraction
};

/// What a meter's inputs bear, in times of what they are rated for: `lasting` for good, `u` and `i` for so
/// long.
struct OverloadLimits {
    double lasting{1.2};
    double u{2}, u_s{10};
    double i{20}, i_s{1};
};

/// What its own supply must be.
struct AuxiliaryRange {
    VoltageSpan ac;
    VoltageSpan dc;
};

/// A voltage at its auxiliary supply.
struct AuxiliaryVoltage {
    double u_v{0};
    bool dc{false};
};
inline bool works_with(const AuxiliaryRange& range, const AuxiliaryVoltage& is) {
    return (is.dc ? range.dc : range.ac).holds(is.u_v);
}

} // namespace kpmsim
