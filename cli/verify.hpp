#pragma once

#include "cli/verbs.hpp"

namespace kpmsim {

struct VerifyOptions {
    std::string row;   ///< "1" … "48", "M1" … "M8"; empty = all
    std::string sweep; ///< instead of the table: frequency, current, order
    bool json{false};
};
/// Runs the verification table; Exit::failed when a row is out of its limit.
Exit verify_metering(const VerifyOptions& options);
/// Runs `sweep`; Exit::failed when a point is out of its limit.
Exit verify_sweep(const VerifyOptions& options);

} // namespace kpmsim
