#pragma once

#include "cli/serve/farm_server.hpp"
#include "scenarios/farm/farm.hpp"
#include "sim/pacing.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace kpmsim {

/// How far somebody wants time to go, as fast as it can.
struct Advance {
    SimTime to{};
    /// Stops it earlier. Asked at the start and then at each whole grain() of simulated time, so that
    /// the answer hangs on no cutting of the time.
    std::function<bool()> reached;
};

struct Advanced {
    SimTime from{}, to{};
    bool reached{false};          ///< the condition, where there was one
    bool stopped{false};          ///< the farm ended meanwhile
    bool paused{false};           ///< it was halted on the way
    std::uint64_t undelivered{0}; ///< messages of that time that no broker has confirmed
};

/// Moves a farm through time beside the event loop that serves it: metering runs on a thread of its
/// own, step by step; after each step the states are published on the loop and the meters' messages
/// go out. All calls on the loop's thread.
class Runner {
public:
    struct Hooks {
        std::function<void(const UnitEndpoints&, const Message&)>
            upload;                      ///< every message, in order
        std::function<void()> published; ///< after each step, and before the first
        std::function<void()> sent;      ///< after that, when what was to go out then has
        std::function<void()> finished;  ///< once: `until` is reached, or stop() was called
        /// After each step, when its messages have gone out. It may run the loop while it takes its
        /// time: nothing is metered until it returns.
        std::function<void()> stepped{};
        /// A step ends there, if it comes so far; later than now.
        std::function<SimTime()> next_stop{};
        /// For those who keep a farm: a step was promised; it was metered, on the thread that did so;
        /// whether it may be shown, which is asked again until it may.
        std::function<void(SimTime)> promised{};
        std::function<void(SimTime)> metered{};
        std::function<bool(SimTime)> may_show{};
    };
    Runner(EventLoop& loop, Farm& farm, FarmServer& server, Pace pace, std::optional<SimTime> until,
           Hooks hooks);
    ~Runner();

    void start();
    void stop();

    const Pace& pace() const;
    /// From the end of the step under way on; `done` when it holds. A pause ends an advance, and holds
    /// once that has been answered.
    void set_pace(const Pace& pace, std::function<void()> done);

    /// Goes there whatever the pace says, and calls `done` once the brokers have confirmed every message
    /// up to then; those that are connected are waited for, up to 10 s. Not while advancing().
    void advance(Advance what, std::function<void(const Advanced&)> done);
    bool advancing() const;
    /// What conditions are asked at: a window of 0.2 s; in window fidelity a second.
    SimDuration grain() const;

    /// Calls `work` when nothing is metered: at once, or after the step that is under way.
    void between_steps(std::function<void()> work);
    /// Shows what was changed between steps to those who watch the farm.
    void show();
    /// Goes on from the moment that the farm has. Only between steps.
    void take_up();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
