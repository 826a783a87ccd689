#include "servers/net/due_times.hpp"

#include "servers/net/asio.hpp"

#include <optional>
#include <set>
#include <vector>

namespace kpmsim {

struct DueTimes::Parts : std::enable_shared_from_this<DueTimes::Parts> {
    Parts(EventLoop& loop, Handler h) : timer{loop}, handler{std::move(h)} {}

    void clear(std::size_t owner) {
        if (owner < at.size())
            due.erase({at[owner], owner});
    }

    void arm() {
        if (stopped || due.empty() || (timer_at && *timer_at <= due.begin()->first))
            return;
        timer_at = due.begin()->first;
        timer.expires_at(*timer_at);
        timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
            const auto self = weak.lock();
            if (!self || error)
                return;
            self->timer_at.reset();
            self->what_is_due();
            self->arm();
        });
    }

    void what_is_due() {
        const auto now = Clock::now();
        while (!stopped && !due.empty() && due.begin()->first <= now) {
            const std::size_t owner = due.begin()->second;
            due.erase(due.begin());
            handler(owner);
        }
    }

    LoopTimer timer;
    std::optional<Clock::time_point> timer_at;
    std::set<std::pair<Clock::time_point, std::size_t>> due;
    std::vector<Clock::time_point> at; ///< by owner, also of those that are over
    const Handler handler;
    bool stopped{false};
};

DueTimes::DueTimes(EventLoop& loop, Handler handler)
    : parts_{std::make_shared<Parts>(loop, std::move(handler))} {}

DueTimes::~DueTimes() { stop(); }

void DueTimes::set(std::size_t owner, Clock::time_point at) {
    Parts& p = *parts_;
    p.clear(owner);
    if (owner >= p.at.size())
        p.at.resize(owner + 1);
    p.at[owner] = at;
    p.due.emplace(at, owner);
    p.arm();
}

void DueTimes::clear(std::size_t owner) { parts_->clear(owner); }

void DueTimes::stop() {
    parts_->stopped = true;
    parts_->timer.cancel();
}

} // namespace kpmsim
