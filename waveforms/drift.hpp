#pragma once

#include "sim/clock.hpp"
#include "sim/random.hpp"

#include <cstdint>

namespace kpmsim {

/// A slow wander around the set value: an Ornstein-Uhlenbeck path with this deviation and time
/// constant, drawn at knots of one second and straight between them, so that any moment can be had
/// without the ones before.
struct Drift {
    double deviation{0.0}; ///< u: fraction of the level; f: Hz
    double time_constant_s{60.0};
};

/// The path itself, in the unit of its deviation. What it remembers only saves work: the value at a
/// moment depends on the stream and the moment alone.
class DriftPath {
public:
    DriftPath(const Drift& drift, const Random& stream);

    double at(SimTime t);

private:
    double shock(std::int64_t knot) const;
    double anchor(std::int64_t knot) const;
    double reach(std::int64_t knot) const;
    double step(std::int64_t from_knot, double x) const;

    Random stream_;
    double deviation_;
    double keep_;   ///< how much of a knot is left at the next
    double gain_;   ///< what a shock adds
    int memory_{0}; ///< past shocks in an anchor
    std::int64_t knot_{0};
    bool known_{false};
    double here_{0.0};
    double next_{0.0};
};

} // namespace kpmsim
