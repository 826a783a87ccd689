#pragma once

#include "files/mistake.hpp"
#include "sim/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What the API needs of those who judge a farm. JSON is text here: its shape belongs to the table of
/// expectations, not to HTTP. All calls on the loop's thread, between steps.
class ExpectationsPort {
public:
    virtual ~ExpectationsPort() = default;

    /// JSON: the scenario that is played, or null.
    virtual std::string scenario() const = 0;
    /// JSON: a list with an object for each expectation, and what came of it so far.
    virtual std::string list() const = 0;
    /// From an expectation as JSON; the object that list() has of it. Mistakes have their place in it:
    /// "body/what".
    virtual Result<std::string, std::vector<Mistake>> expect(std::string_view json) = 0;
};

} // namespace kpmsim
