#pragma once

#include "verification/case.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// One line of the verification table: a quantity of a case in one mode.
struct VerifiedRow {
    std::string id;
    std::string title;
    int cases{0}; ///< set-ups that it is the worst of
    std::string quantity;
    Mode mode{Mode::clean};
    double worst{0};      ///< not a number when a set-up gave none: then it does not pass
    std::string worst_of; ///< of what: its own name, or that of a quantity that it covers
    std::string unit;
    std::optional<double> standard_limit;
    double our_limit{0};
    bool pass{false};
    std::string reason; ///< why our limit is above the target that was set for it; often empty
    double target{0};
    std::string case_name;
};

/// Runs cases in their modes. The rows come in the order of the cases and do not depend on
/// `threads`.
/// `progress(done, all)` is called now and then, from any thread, one at a time.
std::vector<VerifiedRow> verify(std::span<const VerificationCase> cases, int threads = 1,
                                const std::function<void(int, int)>& progress = {});

} // namespace kpmsim
