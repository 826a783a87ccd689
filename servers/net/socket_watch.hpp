#pragma once

#include "servers/net/event_loop.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace kpmsim {

/// Tells which of many sockets are ready, without owning them.
///
/// They belong to a library that closes them when it likes. So they are not given to Asio one by one,
/// but to an epoll instance of our own, from which the kernel removes a socket that is closed; Asio
/// watches that instance. It is level-triggered: what a turn leaves unread comes back in the next.
class SocketWatch {
public:
    /// owner: the number that the socket was added with.
    using Handler =
        std::function<void(std::size_t owner, int socket, bool readable, bool writable)>;

    /// Throws CannotListen when no descriptor is left.
    SocketWatch(EventLoop& loop, Handler handler);
    ~SocketWatch(); ///< the handler is not called any more

    void add(int socket, std::size_t owner, bool writes);
    void change(int socket, std::size_t owner, bool writes);
    void stop();

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
