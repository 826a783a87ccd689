#pragma once

#include "verification/paper_readings.hpp"

#include <limits>
#include <string>
#include <string_view>

namespace kpmsim {

/// Nothing is decided by noise that is this many deviations away.
inline constexpr double decided = 8;
/// Of what hangs on a decision that noise may turn.
inline constexpr double undecided = std::numeric_limits<double>::infinity();

/// Writes down one standard deviation of each reading, by what the meter's converter leaves in a
/// window: the rounding of samples to codes, and its noise.
///
/// shape   `readings`: the same window's, of write_readings(); temperature and residual current
///         have none
/// unit    the reading's
/// error   where a reading is made of several that have a channel in common, their deviations are
///         added up: at most 2 times too great; of magnitudes near 0 it bounds what is left of them
/// Readings that hang on whether a current starts the meter or a channel is dead are `undecided`
/// within 8 deviations of that level.
void write_deviations(const PaperMeter& meter, const PaperWindow& window, const Values& readings,
                      Values& out);

/// Under this name stands an error in deviations.
inline std::string against_noise(std::string_view quantity) {
    return std::string{quantity} + " against noise";
}
/// An error of so many deviations; 0 of 0 is none.
double deviations_of(double off, double deviation);

} // namespace kpmsim
