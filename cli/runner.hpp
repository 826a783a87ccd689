#pragma once

#include "cli/farm_server.hpp"
#include "scenarios/farm/farm.hpp"
#include "sim/pacing.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace kpmsim {

/// Moves a farm through time beside the event loop that serves it: metering runs on a thread of its
/// own, step by step; after each step the states are published on the loop and the meters' messages
/// go out.
class Runner {
public:
    struct Hooks {
        std::function<void(const UnitEndpoints&, const Message&)>
            upload;                      ///< every message, in order
        std::function<void()> published; ///< after each step, and before the first
        std::function<void()> finished;  ///< once: `until` is reached, or stop() was called
    };
    Runner(EventLoop& loop, Farm& farm, FarmServer& server, Pace pace, std::optional<SimTime> until,
           Hooks hooks);
    ~Runner();

    void start();
    void stop();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
