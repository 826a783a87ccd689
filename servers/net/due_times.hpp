#pragma once

#include "servers/net/event_loop.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace kpmsim {

/// At most one moment for each of many owners, all on one timer.
class DueTimes {
public:
    using Clock = std::chrono::steady_clock;
    using Handler = std::function<void(std::size_t owner)>;

    DueTimes(EventLoop& loop, Handler handler);
    ~DueTimes(); ///< the handler is not called any more

    void set(std::size_t owner, Clock::time_point at); ///< in place of an earlier one
    void clear(std::size_t owner);
    void stop();

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
