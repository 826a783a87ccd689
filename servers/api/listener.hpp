#pragma once

#include "files/endpoint.hpp"
#include "servers/api/message.hpp"
#include "servers/net/event_loop.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kpmsim {

struct ApiListenerOptions {
    std::string token; ///< empty: none is asked for, and only this machine may come in
    std::size_t most_connections{256};
    std::chrono::milliseconds idle{60'000};     ///< until a request's head is there
    std::chrono::milliseconds patience{30'000}; ///< until its body is, and until an answer is taken
};

/// HTTP/1.1 on one port. Reads one request at a time of each connection, and answers it, through a
/// handler that may take its time; a connection that is slow, half-sent or flooded harms no other.
///
/// Who comes must name this machine (Host) and no other site (Origin), so that no page in somebody's
/// browser gets in; off loopback a token is needed (Authorization: Bearer).
class ApiListener {
public:
    using Handler = std::function<void(ApiRequest, ApiReply)>;
    using BodyLimit = std::function<std::size_t(std::string_view method, std::string_view target)>;

    /// Binds at once (port 0: any free one). Throws CannotListen, also for an address off loopback
    /// without a token.
    ApiListener(EventLoop& loop, const Endpoint& endpoint, ApiListenerOptions options,
                Handler handler, BodyLimit body_limit);
    ~ApiListener(); ///< closes every connection

    Endpoint endpoint() const; ///< with the real port
    std::size_t connections() const;
    /// Takes nobody in any more; calls `done` when the answers under way are sent, within a second.
    void close(std::function<void()> done);

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

/// Whether a Host header names this machine: a loopback name or address, or the address itself that is
/// listened at; the port is not looked at.
bool names_this_machine(std::string_view host, const Endpoint& endpoint);
bool is_loopback(std::string_view address);

} // namespace kpmsim
