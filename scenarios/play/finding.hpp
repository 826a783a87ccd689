#pragma once

#include "files/mistake.hpp"
#include "sim/clock.hpp"

#include <limits>
#include <string>

namespace kpmsim {

/// What came of one expectation.
struct Finding {
    enum class Result : std::uint8_t {
        passed,
        failed,
        not_reached, ///< the scenario was over before it was looked at
    };
    std::string id;
    std::string title;
    std::string kind;
    Place place;
    Result result{Result::not_reached};
    SimTime at{};                                           ///< when it was decided
    std::string seen;                                       ///< "92.01 V"
    double value{std::numeric_limits<double>::quiet_NaN()}; ///< the same, where it is a number
    std::string expected;                                   ///< "the truth (92 V) within 0.1 %"
    std::string text;                                       ///< one sentence that says it all
};

std::string_view name_of(Finding::Result result); ///< "not reached"

} // namespace kpmsim
