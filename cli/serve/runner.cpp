#include "cli/serve/runner.hpp"

#include "servers/net/asio.hpp"
#include "sim/guard.hpp"

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <exception>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <vector>

namespace kpmsim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto broker_patience = 10s;
constexpr auto ask_again_after = 500ms; ///< whether a step may be shown

/// Readings should be fresh, and steps worth their hand-over: a window's length in real time, a
/// second when time runs faster or readings seldom change.
SimDuration step_of(const Pace& pace, Fidelity fidelity) {
    const bool as_it_comes =
        pace.mode == Pace::Mode::realtime || (pace.mode == Pace::Mode::scaled && pace.factor < 5);
    return as_it_comes && fidelity == Fidelity::sample ? SimDuration{200ms} : SimDuration{1s};
}

/// The first whole multiple after `at`.
SimTime next_multiple(SimTime at, SimDuration of) {
    return SimTime{(at.time_since_epoch() / of + 1) * of};
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
    /// The pace counts from here: the wall's moment at which the farm was at `anchor`.
    std::chrono::steady_clock::time_point begun{};
    SimTime anchor{};
    SimTime at{};
    std::uint64_t turn{0}; ///< of next(): a timer of an earlier one is void
    bool started{false};
    bool metering{false};
    bool held{false};     ///< what was metered may not be shown yet
    bool looking{false};  ///< somebody looks at what a step came to
    bool settling{false}; ///< the brokers are waited for
    bool stopping{false};
    bool said_slow{false};
    /// How far behind its clock the farm is for having stood still, until it has caught up.
    std::chrono::steady_clock::duration stood{};
    std::optional<std::chrono::steady_clock::time_point> stands_since;
    std::exception_ptr fault;
    std::deque<std::function<void()>> between;

    /// An advance under way.
    struct Goal {
        Advance what;
        Advanced so_far;
        std::function<void(const Advanced&)> done;
        bool sent{false};    ///< messages that nobody has confirmed yet
        bool in_vain{false}; ///< a broker was waited for and said nothing: not again
        std::vector<std::function<void()>> halted; ///< who wants it to end here
    };
    std::optional<Goal> goal;
    asio::thread_pool thread{1};

    Parts(EventLoop& l, Farm& f, FarmServer& s, Pace p, std::optional<SimTime> u, Hooks h)
        : loop{l}, farm{f}, server{s}, pace{p}, until{u}, hooks{std::move(h)},
          step{step_of(p, f.plan().fidelity)}, timer{l}, anchor{f.now()}, at{f.now()} {}

    std::chrono::steady_clock::time_point due(SimTime to) const {
        return begun + pace.due(SimTime{to - anchor});
    }

    SimDuration grain() const {
        return farm.plan().fidelity == Fidelity::sample ? SimDuration{200ms} : SimDuration{1s};
    }

    /// With windows that are jumped over, and nobody to be sent a message, a second is worth no
    /// hand-over.
    SimDuration longest_step() const {
        return farm.plan().fidelity == Fidelity::window && server.radios().clients() == 0
                   ? SimDuration{1min}
                   : SimDuration{1s};
    }

    void count_from_here() {
        begun = std::chrono::steady_clock::now();
        anchor = at;
        said_slow = false;
        stood = {};
    }

    bool busy() const { return metering || looking; }

    void next() {
        if (busy() || settling || !started)
            return;
        timer.cancel();
        ++turn;
        while (!between.empty() && !busy()) {
            const auto work = std::move(between.front());
            between.pop_front();
            work();
        }
        if (busy() || settling) // what came in between has gone on already
            return;
        if (stopping || (until && at >= *until))
            finish();
        else if (goal)
            go_on();
        else if (!pace.stands())
            follow_pace();
    }

    void follow_pace() {
        const bool free = pace.mode == Pace::Mode::free;
        SimTime to = at + (free ? longest_step() : step);
        if (until)
            to = std::min(to, *until);
        if (free) {
            meter(to);
            return;
        }
        watch_pace();
        timer.expires_at(due(to));
        timer.async_wait([this, to, mine = turn](const boost::system::error_code& error) {
            if (!error && mine == turn && !stopping)
                meter(to);
        });
    }

    /// Says once that the machine is too slow for what was asked.
    void watch_pace() {
        const auto late = std::chrono::steady_clock::now() - due(at);
        stood = std::clamp(late, std::chrono::steady_clock::duration{}, stood);
        if (late > 5s + stood && !said_slow) {
            said_slow = true;
            spdlog::warn(fmt::format(
                "the farm is {:.1f} s behind its clock; this machine meters more slowly than asked",
                std::chrono::duration<double>(late - stood).count()));
        }
    }

    // ---- an advance -------------------------------------------------------------------------

    /// What was sent is confirmed before time goes on: no broker is flooded, and none hears one
    /// meter's noon before another's morning. Nor is a meter left behind that is just connecting.
    void go_on() {
        if ((goal->sent && !goal->in_vain) || server.radios().coming()) {
            settle();
            return;
        }
        const bool on_grain = at.time_since_epoch() % grain() == SimDuration{};
        if (goal->what.reached && (on_grain || at == goal->so_far.from))
            goal->so_far.reached = goal->what.reached();
        if (goal->so_far.reached || at >= goal->what.to || !goal->halted.empty()) {
            arrive();
            return;
        }
        SimTime to = goal->what.reached ? next_multiple(at, grain()) : at + longest_step();
        to = std::min(to, goal->what.to);
        meter(until ? std::min(to, *until) : to);
    }

    void settle() {
        settling = true;
        const auto since = std::chrono::steady_clock::now();
        server.radios().settle(broker_patience, [this, since](std::size_t missing) {
            settling = false;
            if (goal) {
                goal->sent = false;
                goal->in_vain =
                    missing > 0 && std::chrono::steady_clock::now() - since >= broker_patience;
                goal->so_far.undelivered += missing;
            }
            next();
        });
    }

    void arrive() {
        Goal over = std::move(*goal);
        goal.reset();
        over.so_far.to = at;
        over.so_far.paused = !over.halted.empty() && at < over.what.to;
        over.so_far.stopped = stopping || (until && at >= *until && at < over.what.to);
        count_from_here();
        over.done(over.so_far);
        for (const auto& done : over.halted)
            done();
        next();
    }

    // ---- a step -----------------------------------------------------------------------------

    void meter(SimTime to) {
        metering = true;
        if (hooks.next_stop)
            to = std::min(to, hooks.next_stop());
        farm.promise(to);
        if (hooks.promised)
            hooks.promised(to);
        asio::post(thread, [this, to] {
            try {
                farm.advance(to);
                if (hooks.metered)
                    hooks.metered(to);
            } catch (...) {
                fault = std::current_exception();
            }
            asio::post(loop, [this, to] { metered(to); });
        });
    }

    void metered(SimTime to) {
        if (fault)
            std::rethrow_exception(fault); // out of loop.run(), to whoever runs the farm
        held = hooks.may_show && !hooks.may_show(to);
        if (held && !stopping)
            return hold(to);
        if (stands_since)
            stood += std::chrono::steady_clock::now() - *std::exchange(stands_since, std::nullopt);
        metering = false;
        if (held)
            return finish();
        at = to;
        farm.publish(to);
        hooks.published();
        send_messages();
        hooks.sent();
        if (hooks.stepped) {
            looking = true;
            hooks.stepped();
            looking = false;
        }
        next();
    }

    void hold(SimTime to) {
        if (!stands_since)
            stands_since = std::chrono::steady_clock::now();
        timer.expires_after(ask_again_after);
        timer.async_wait([this, to](const boost::system::error_code& error) {
            if (!error && !stopping)
                metered(to);
        });
    }

    void send_messages() {
        const std::uint64_t dropped = goal ? server.traffic().dropped : 0;
        for (const Message& message : farm.take_messages())
            if (const UnitEndpoints* unit = server.sender(message)) {
                hooks.upload(*unit, message);
                server.radios().publish(unit->number, message);
                if (goal)
                    goal->sent = true;
            }
        server.radios().flush(at);
        if (goal)
            goal->so_far.undelivered += server.traffic().dropped - dropped;
    }

    void finish() {
        if (goal)
            arrive(); // comes by here again
        else if (hooks.finished)
            std::exchange(hooks.finished, nullptr)();
    }
};

Runner::Runner(EventLoop& loop, Farm& farm, FarmServer& server, Pace pace,
               std::optional<SimTime> until, Hooks hooks)
    : parts_{std::make_unique<Parts>(loop, farm, server, pace, until, std::move(hooks))} {}

Runner::~Runner() { parts_->thread.join(); }

void Runner::start() {
    Parts& p = *parts_;
    show();
    p.started = true;
    p.count_from_here();
    p.next();
}

void Runner::stop() {
    Parts& p = *parts_;
    p.stopping = true;
    p.timer.cancel();
    if (p.held) // it is shown to nobody
        p.metering = false;
    if (!p.busy()) { // else metered() comes by here
        p.settling = false;
        p.finish();
    }
}

const Pace& Runner::pace() const { return parts_->pace; }

void Runner::set_pace(const Pace& pace, std::function<void()> done) {
    between_steps([&p = *parts_, pace, done = std::move(done)] {
        p.pace = pace;
        p.step = step_of(pace, p.farm.plan().fidelity);
        p.count_from_here();
        if (p.goal && pace.mode == Pace::Mode::paused)
            p.goal->halted.push_back(done);
        else
            done();
        p.next();
    });
}

void Runner::advance(Advance what, std::function<void(const Advanced&)> done) {
    Parts& p = *parts_;
    guard(!p.goal);
    Parts::Goal goal;
    goal.what = std::move(what);
    goal.done = std::move(done);
    p.goal = std::move(goal);
    // Of a step under way its end is the beginning.
    between_steps([&p] {
        if (p.goal)
            p.goal->so_far.from = p.at;
    });
    p.next();
}

bool Runner::advancing() const { return parts_->goal.has_value(); }

SimDuration Runner::grain() const { return parts_->grain(); }

void Runner::between_steps(std::function<void()> work) {
    if (parts_->busy())
        parts_->between.push_back(std::move(work));
    else
        work();
}

void Runner::show() {
    parts_->hooks.published();
    parts_->hooks.sent();
}

void Runner::take_up() {
    Parts& p = *parts_;
    p.at = p.farm.now();
    p.count_from_here();
    show();
    p.next();
}

} // namespace kpmsim
