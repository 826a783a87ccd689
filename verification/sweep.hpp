#pragma once

#include "verification/verify.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// One influence taken through its range, all else drawn anew: a family of cases, one for each
/// value, as a case file would write them.
struct Sweep {
    std::string_view name;  ///< "frequency"
    std::string_view title; ///< what is swept and what else is there
    std::string_view unit;  ///< of x; "" for a plain number
    std::vector<double> x;
    std::string (*case_text)(double x); ///< the case file of one value
};
/// frequency, current, order.
const std::vector<Sweep>& sweeps();
const Sweep* find_sweep(std::string_view name);

/// One quantity at one value in one mode: the worst of the set-ups, with its limits.
struct SweepPoint {
    double x{0};
    VerifiedRow row;
};

/// The points in the order of x; as verify(), they do not depend on `threads`.
std::vector<SweepPoint> run_sweep(const Sweep& sweep, int threads = 1,
                                  const std::function<void(int, int)>& progress = {});

} // namespace kpmsim
