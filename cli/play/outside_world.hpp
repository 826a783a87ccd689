#pragma once

#include "scenarios/play/expectation.hpp"
#include "sim/result.hpp"

#include <functional>
#include <string>

namespace kpmsim {

/// Looks up what the user's system stored: what a command prints, an HTTP answer, an MQTT message, a row of SQLite,
/// a cell of a table. It waits for the answer in wall time while simulated time stands; `meanwhile` is called again and
/// again, so that a farm that is asked by that system goes on answering.
class OutsideWorld {
public:
    explicit OutsideWorld(std::function<void()> meanwhile) : meanwhile_{std::move(meanwhile)} {}
    /// Where messages are read when an expectation names no broker; empty: nowhere.
    void broker(std::string url) { broker_ = std::move(url); }

    /// The text that was found, or why there is none.
    Result<std::string, std::string> ask(const Expectation& expectation) const;

private:
    Result<std::string, std::string> command(const std::string& line) const;
    Result<std::string, std::string> http(const std::string& url) const;
    Result<std::string, std::string> mqtt(const std::string& url, const std::string& topic) const;
    Result<std::string, std::string>
    meanwhile(std::function<Result<std::string, std::string>()> work) const;

    std::function<void()> meanwhile_;
    std::string broker_;
};

} // namespace kpmsim
