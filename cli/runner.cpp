#include "cli/runner.hpp"

#include "servers/net/asio.hpp"

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace kpmsim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// Readings should be fresh, and steps worth their hand-over: a window's length in real time, a
/// second when time runs faster or readings seldom change.
SimDuration step_of(const Pace& pace, Fidelity fidelity) {
    const bool as_it_comes =
        pace.mode == Pace::Mode::realtime || (pace.mode == Pace::Mode::scaled && pace.factor < 5);
    return as_it_comes && fidelity == Fidelity::sample ? SimDuration{200ms} : SimDuration{1s};
}

} // namespace

struct Runner::Parts {
    EventLoop& loop;
    Farm& farm;
    FarmServer& server;
    Pace pace;
    std::optional<SimTime> until;
    Hooks hooks;
    SimDuration step;
    LoopTimer timer;
    std::chrono::steady_clock::time_point begun{};
    SimTime at{};
    bool metering{false};
    bool stopping{false};
    bool said_slow{false};
    std::exception_ptr fault;
    asio::thread_pool thread{1};

    Parts(EventLoop& l, Farm& f, FarmServer& s, Pace p, std::optional<SimTime> u, Hooks h)
        : loop{l}, farm{f}, server{s}, pace{p}, until{u}, hooks{std::move(h)},
          step{step_of(p, f.plan().fidelity)}, timer{l} {}

    Pace::Wall wall() const {
        return std::chrono::duration_cast<Pace::Wall>(std::chrono::steady_clock::now() - begun);
    }

    /// As fast as it goes, with windows that are jumped over, and nobody to be sent a message: a
    /// second is worth no hand-over.
    bool may_take_a_minute() const {
        return pace.mode == Pace::Mode::free && farm.plan().fidelity == Fidelity::window &&
               server.mqtt_clients() == 0;
    }

    void next() {
        if (stopping || (until && at >= *until)) {
            finish();
            return;
        }
        SimTime to = at + (may_take_a_minute() ? SimDuration{1min} : step);
        if (until)
            to = std::min(to, *until);
        if (pace.mode == Pace::Mode::free) {
            meter(to);
            return;
        }
        watch_pace();
        timer.expires_at(begun + pace.due(to));
        timer.async_wait([this, to](const boost::system::error_code& error) {
            if (!error && !stopping)
                meter(to);
        });
    }

    /// Says once that the machine is too slow for what was asked.
    void watch_pace() {
        const auto late = wall() - pace.due(at);
        if (late > 5s && !said_slow) {
            said_slow = true;
            spdlog::warn(fmt::format(
                "the farm is {:.1f} s behind its clock; this machine meters more slowly than asked",
                std::chrono::duration<double>(late).count()));
        }
    }

    void meter(SimTime to) {
        metering = true;
        farm.promise(to);
        asio::post(thread, [this, to] {
            try {
                farm.advance(to);
            } catch (...) {
                fault = std::current_exception();
            }
            asio::post(loop, [this, to] { metered(to); });
        });
    }

    void metered(SimTime to) {
        metering = false;
        if (fault)
            std::rethrow_exception(fault); // out of loop.run(), to whoever runs the farm
        at = to;
        farm.publish(to);
        hooks.published();
        send_messages();
        next();
    }

    void send_messages() {
        for (const Message& message : farm.take_messages())
            if (const UnitEndpoints* unit = server.sender(message)) {
                hooks.upload(*unit, message);
                server.publish(*unit, message);
            }
    }

    void finish() {
        if (hooks.finished)
            std::exchange(hooks.finished, nullptr)();
    }
};

Runner::Runner(EventLoop& loop, Farm& farm, FarmServer& server, Pace pace,
               std::optional<SimTime> until, Hooks hooks)
    : parts_{std::make_unique<Parts>(loop, farm, server, pace, until, std::move(hooks))} {}

Runner::~Runner() { parts_->thread.join(); }

void Runner::start() {
    parts_->hooks.published();
    parts_->begun = std::chrono::steady_clock::now();
    parts_->next();
}

void Runner::stop() {
    parts_->stopping = true;
    parts_->timer.cancel();
    if (!parts_->metering) // else metered() comes by here
        parts_->finish();
}

} // namespace kpmsim
