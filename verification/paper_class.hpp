#pragma once

#include "sim/accuracy.hpp"

#include <array>
#include <vector>

namespace kpmsim {

/// A class's tables as a case writes them: from, to (0 = Imax), cos phi (negative = capacitive), 1 for one-phase
/// loads, limit in %; the reactive ones from, to, sin phi, limit.
struct PaperClass {
    AccuracyClass limits;
    std::vector<std::vector<double>> points, reactive_points;
    double difference{0}; ///< between one-phase and balanced loads at the reference current, %

    /// Levels, of the rated current, at which a line is looked at: its ends, and a transformer's points in it.
    std::vector<double> levels(double from, double to) const;
};

/// Points of IEC 61869-2's classes S.
inline constexpr std::array<double, 5> paper_curve{0.01, 0.05, 0.2, 1, 1.2};

/// How much of its class a unit of so many phases and one circuit uses, from its errors: a voltage or current
/// that is wrong by a gain and a lag is a phasor times (1 + gain) e^(-j lag), and P and Q are the parts of a
/// product.
double paper_use(const PaperClass& c, const MeterErrors& errors, int phases);

} // namespace kpmsim
