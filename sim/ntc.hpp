#pragma once

#include <optional>

namespace kpmsim {

/// A thermistor with a negative temperature coefficient, by the beta equation.
///
/// unit    ohm, kelvin for beta, °C for temperatures
/// error   rounding only (1e-12 °C there and back); how far a real sensor is from the equation is
///         its maker's affair, 1 % of R by the manuals: 0.16 °C at -20 °C, 0.35 °C at 100 °C
/// source  KPM37 manual 3.6: 10 kohm, 3950, -20 to 100 °C
struct Ntc {
    double r25_ohm{10'000};
    double beta_k{3950};

    double resistance_ohm(double celsius) const;
    double celsius(double resistance_ohm) const;
};

/// A converter that compares a resistance to a known one: the sensor from its input to ground, the
/// known one from the reference to the input. The reference itself drops out.
///
/// unit    code = R / (R + known) of full scale, rounded to nearest
/// error   half a code: with 12 bits and the Ntc above 0.05 °C at -20 °C, 0.013 °C at 25 °C,
///         0.04 °C at 100 °C. What the meters hold for the known one is not told; 4.7 kohm makes
///         the two ends of their range about equally good.
struct RatioConverter {
    double known_ohm{4'700};
    int bits{12};

    int full_code() const { return (1 << bits) - 1; }
    int code(double resistance_ohm) const;
    /// Nothing at either end of the range: no sensor, or a shorted one.
    std::optional<double> resistance_ohm(int code) const;
};

/// What an input shows for a sensor at this temperature; `error`: fraction by which that one's
/// resistance is more than the table's, by which the meter goes.
std::optional<double> measured_celsius(const Ntc& sensor, const RatioConverter& converter,
                                       double celsius, double error = 0);

} // namespace kpmsim
