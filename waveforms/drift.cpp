#include "waveforms/drift.hpp"

#include <algorithm>
#include <cmath>

namespace kpmsim {
namespace {

// An Ornstein-Uhlenbeck process seen once a second is x[k] = a x[k-1] + sqrt(1 - a^2) e[k] with
// a = exp(-1/tau) and normal shocks e, of deviation 1. We take a = (tau - 1/2) / (tau + 1/2), which
// agrees to 1/(12 tau^3) and needs no libm.
//
// To jump to any moment, every 64th knot (an anchor) is the sum over its last 8 tau shocks, of
// weights a^j, divided by the weights' root sum of squares: what it leaves out is exp(-8) of a
// deviation. From an anchor the recursion runs on to the next. Whoever comes step by step and
// whoever jumps in do the same arithmetic from the same anchor and get the same bits.
constexpr std::int64_t anchor_every = 64;
constexpr double memory_in_time_constants = 8.0;
constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

} // namespace

DriftPath::DriftPath(const Drift& drift, const Random& stream)
    : stream_{stream}, deviation_{drift.deviation} {
    const double tau = std::max(drift.time_constant_s, 0.5);
    keep_ = (tau - 0.5) / (tau + 0.5);
    gain_ = std::sqrt(1.0 - keep_ * keep_);
    memory_ = static_cast<int>(memory_in_time_constants * tau);
}

double DriftPath::shock(std::int64_t knot) const {
    return stream_.normal(static_cast<std::uint64_t>(knot) + (std::uint64_t{1} << 40));
}

double DriftPath::anchor(std::int64_t knot) const {
    double sum = 0.0;
    double squares = 0.0;
    double weight = 1.0;
    for (int back = 0; back <= memory_; ++back) {
        sum += weight * shock(knot - back);
        squares += weight * weight;
        weight *= keep_;
    }
    return sum / std::sqrt(squares);
}

double DriftPath::step(std::int64_t from_knot, double x) const {
    const std::int64_t to = from_knot + 1;
    return floor_div(to, anchor_every) * anchor_every == to ? anchor(to)
                                                            : keep_ * x + gain_ * shock(to);
}

double DriftPath::reach(std::int64_t knot) const {
    std::int64_t k = floor_div(knot, anchor_every) * anchor_every;
    double x = anchor(k);
    for (; k < knot; ++k)
        x = step(k, x);
    return x;
}

double DriftPath::at(SimTime t) {
    if (deviation_ == 0.0)
        return 0.0;
    const std::int64_t ns = t.time_since_epoch().count();
    const std::int64_t knot = floor_div(ns, second_ns);
    if (!known_ || knot != knot_) {
        here_ = known_ && knot == knot_ + 1 ? next_ : reach(knot);
        next_ = step(knot, here_);
        knot_ = knot;
        known_ = true;
    }
    const double part = static_cast<double>(ns - knot * second_ns) * 1e-9;
    return deviation_ * (here_ + part * (next_ - here_));
}

} // namespace kpmsim
