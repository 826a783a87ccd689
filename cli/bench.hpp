#pragma once

#include "cli/verbs.hpp"

namespace kpmsim {

struct BenchOptions {
    int runs{0}; ///< 0 = as many as suit
    bool quick{false};
    bool json{false};
};
/// Measures how fast this machine meters. Speed never fails: a target that is missed is said.
Exit bench(const BenchOptions& options);

} // namespace kpmsim
