#pragma once

#include "scenarios/play/expectation.hpp"
#include "sim/result.hpp"

#include <functional>
#include <string>

namespace kpmsim {

/// Looks up what the user's system stored: what a command prints, an HTTP answer, a row of SQLite, a cell of a
/// table. It waits for the answer in wall time while simulated time stands; `meanwhile` is called again and
/// again, so that a farm that is asked by that system goes on answering.
class OutsideWorld {
public:
    explicit OutsideWorld(std::function<void()> meanwhile) : meanwhile_{std::move(meanwhile)} {}

    /// The text that was found, or why there is none.
    Result<std::string, std::string> ask(const Expectation& expectation) const;

private:
    Result<std::string, std::string> command(const std::string& line) const;
    Result<std::string, std::string> http(const std::string& url) const;

    std::function<void()> meanwhile_;
};

} // namespace kpmsim
