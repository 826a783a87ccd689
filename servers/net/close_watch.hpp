#pragma once

#include "servers/net/event_loop.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kpmsim {

/// Tells when a file of this machine was closed by somebody: one inotify for a whole loop, because
/// the system allows a user only some dozens of them.
///
/// The kernel merges equal events that follow each other unread, so nobody can count with these:
/// once told, look who is still there.
class CloseWatch {
public:
    using Handler = std::function<void()>;

    /// The one of this loop. Throws CannotListen.
    static std::shared_ptr<CloseWatch> of(EventLoop& loop);
    ~CloseWatch();

    /// Throws CannotListen. returns a number for forget()
    int watch(const std::string& path, Handler handler);
    /// Also what was not handled yet.
    void forget(int number);
    /// Handles what has happened by now, without a round through the loop.
    void catch_up();

private:
    explicit CloseWatch(EventLoop& loop);
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
