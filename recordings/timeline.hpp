#pragma once

#include "recordings/recording.hpp"

#include <cstdint>
#include <vector>

namespace kpmsim {

/// Samples that follow each other at one rate.
struct Stretch {
    std::int64_t first{0};
    std::int64_t count{0};
    double hz{0.0};      ///< 0 for a single sample whose stamp fits no rate
    double begin_s{0.0}; ///< of its first sample, after the recording's first

    double end_s() const { ///< of its last sample
        return hz > 0.0 ? begin_s + static_cast<double>(count - 1) / hz : begin_s;
    }
};
using Timeline = std::vector<Stretch>;

/// When the samples were taken; empty when there are none.
Timeline timeline_of(const Recording& recording);

/// A rate between two bounds: a whole number of hertz if there is one, else the middle.
double likely_rate(double least_hz, double most_hz);

} // namespace kpmsim
