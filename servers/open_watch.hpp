#pragma once

#include "servers/event_loop.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kpmsim {

/// Tells who opens and closes files of this machine: one inotify for a whole loop, because the
/// system allows a user only some dozens of them.
///
/// The kernel merges equal events that follow each other unread, so two opens in one moment may
/// show as one: a count made from these events is a good guess, not the truth.
class OpenWatch {
public:
    enum class Event {
        opened,
        closed,
        settled ///< no more for now, after one or several of the others
    };
    using Handler = std::function<void(Event)>;

    /// The one of this loop. Throws CannotListen.
    static std::shared_ptr<OpenWatch> of(EventLoop& loop);
    ~OpenWatch();

    /// Throws CannotListen. returns a number for forget()
    int watch(const std::string& path, Handler handler);
    void forget(int number);
    /// Handles what has happened by now, without a round through the loop.
    void catch_up();

private:
    explicit OpenWatch(EventLoop& loop);
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
