#pragma once

#include "cli/verbs.hpp"

namespace kpmsim {

struct VerifyOptions {
    std::string row; ///< "1" … "39", "M1" … "M8"; empty = all
    bool json{false};
};
/// Runs the verification table; Exit::failed when a row is out of its limit.
Exit verify_metering(const VerifyOptions& options);

} // namespace kpmsim
