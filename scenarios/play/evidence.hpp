#pragma once

#include "sim/clock.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kpmsim {

/// What happened in a run: enough to tell two runs apart, and where they part. What it is made of hangs on nothing
/// but the scenario and its seed: not on the stops between which it is played, so that what happened comes in the
/// order of its moments, whenever it was told, and of one moment in the order of what it is.
class Evidence {
public:
    struct Line {
        SimTime at{};
        std::uint32_t what{0}; ///< place in whats()
        std::uint64_t hash{0}; ///< of all that belongs to it
        bool operator==(const Line&) const = default;
    };

    /// `what` is one of few: "message of shop-1 on MQTT_RT_DATA"; `content` all of it.
    void add(SimTime at, const std::string& what, std::string_view content);

    std::vector<Line> lines() const;
    const std::string& what_of(const Line& line) const { return whats_[line.what]; }
    /// A number for all of it.
    std::uint64_t digest() const;

private:
    std::vector<Line> lines_;
    std::vector<std::string> whats_;
    std::map<std::string, std::uint32_t, std::less<>> places_;
};

/// The first event in which two runs differ, in words; empty when they are the same.
std::string first_difference(const Evidence& a, const Evidence& b);

} // namespace kpmsim
