#pragma once

#include "sim/clock.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace kpmsim {

/// How far a run of scenarios has come: a bar on a terminal's stderr with the scenarios, the simulated time of the
/// one that spoke last and the wall's, redrawn in its line; elsewhere nothing. Any thread may call it.
class RunProgress {
public:
    explicit RunProgress(std::size_t scenarios);
    ~RunProgress() { wipe(); }

    bool shown() const { return terminal_; }
    void at(const std::string& scenario, SimDuration now, SimDuration end);
    void done();
    /// Takes the bar away, for a line of text.
    void wipe();

private:
    void draw(const std::string& what);

    bool terminal_;
    std::size_t scenarios_;
    std::size_t done_{0};
    std::chrono::steady_clock::time_point begun_{std::chrono::steady_clock::now()};
    std::chrono::steady_clock::time_point drawn_{};
    std::size_t width_{0};
    std::mutex mutex_;
};

} // namespace kpmsim
