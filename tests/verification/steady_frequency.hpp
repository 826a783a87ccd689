#pragma once

#include <span>

namespace kpmsim::test {

/// The frequency of an interval in which the amplitude may jump and the frequency may not.
struct SteadyFrequency {
    long double f_hz{0};
    int pieces{0};               ///< that lay between the edges; fewer than 3 are no answer
    long double off_line_rad{0}; ///< the greatest: great if the frequency was not steady
};

/// Oracle for intervals: fits pieces of 0.1 s (oracle.hpp), leaves out those that an edge has
/// spoilt or that hold nothing, and lays a line through the fundamental's phases.
///
/// shape   samples of one channel at a fixed rate, 1 s or more; as oracle.hpp demands of a piece
/// error   1e-9 Hz over 10 s, for steady sines rounded to double whose amplitudes may jump together
SteadyFrequency steady_frequency(std::span<const double> samples, long double rate_hz);

} // namespace kpmsim::test
