#pragma once

#include "files/endpoint.hpp"
#include "servers/line/byte_service.hpp"
#include "servers/net/event_loop.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace kpmsim {

/// A byte service on one port: accepts, serves each client by a connection of its own, and closes
/// what is idle or broken.
///
/// A connection that does not read its answers is not read from either, so a client can hold up
/// nobody but itself; at most 8 KiB in and 32 KiB out wait for it. When the process has no
/// descriptor left, a new client is turned away at once and the others go on.
class TcpListener {
public:
    struct Limits {
        /// A connection is idle when nothing was taken from it for this long.
        std::chrono::milliseconds idle{std::chrono::minutes{5}};
        /// One more than these is turned away at once; nothing = as many as come.
        std::optional<std::size_t> connections{};
    };

    /// Binds at once (port 0: any free one). Throws CannotListen.
    TcpListener(EventLoop& loop, const Endpoint& endpoint,
                std::shared_ptr<ByteServiceFactory> services)
        : TcpListener{loop, endpoint, std::move(services), Limits{}} {}
    TcpListener(EventLoop& loop, const Endpoint& endpoint,
                std::shared_ptr<ByteServiceFactory> services, const Limits& limits);
    ~TcpListener(); ///< closes every connection

    /// For those who come from here on.
    void limit_connections(std::optional<std::size_t> most);

    Endpoint endpoint() const;      ///< with the real port
    const Traffic& traffic() const; ///< connections taken and turned away
    std::size_t connections() const;

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
