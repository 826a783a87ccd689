#pragma once

#include "files/endpoint.hpp"
#include "servers/line/byte_service.hpp"
#include "servers/net/event_loop.hpp"

#include <chrono>
#include <memory>

namespace kpmsim {

/// A byte service on one port: accepts, serves each client by a connection of its own, and closes
/// what is idle or broken.
///
/// A connection that does not read its answers is not read from either, so a client can hold up
/// nobody but itself; at most 8 KiB in and 32 KiB out wait for it. When the process has no
/// descriptor left, a new client is turned away at once and the others go on.
class TcpListener {
public:
    /// A connection is idle when nothing was taken from it for this long.
    static constexpr std::chrono::milliseconds default_idle = std::chrono::minutes{5};

    /// Binds at once (port 0: any free one). Throws CannotListen.
    TcpListener(EventLoop& loop, const Endpoint& endpoint,
                std::shared_ptr<ByteServiceFactory> services,
                std::chrono::milliseconds idle = default_idle);
    ~TcpListener(); ///< closes every connection

    Endpoint endpoint() const;      ///< with the real port
    const Traffic& traffic() const; ///< connections taken and turned away
    std::size_t connections() const;

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
