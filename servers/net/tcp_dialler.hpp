#pragma once

#include "files/endpoint.hpp"
#include "servers/line/byte_service.hpp"
#include "servers/net/event_loop.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace kpmsim {

struct DialOptions {
    /// The pause before the next attempt doubles from the first to the longest; each dialler's own
    /// differs by up to a quarter, so that a farm does not come back in one burst.
    std::chrono::milliseconds first_pause{1'000};
    std::chrono::milliseconds longest_pause{30'000};
    std::chrono::milliseconds patience{10'000}; ///< with an attempt that nobody answers
};

/// A byte service on a TCP connection that our side opens, as a meter's radio does to its head end:
/// connects, serves, and connects again when that ends. What becomes of it is told in the log once a
/// server, however many connect to it.
class TcpDialler {
public:
    /// `name`: whose it is; two of one name wait alike.
    TcpDialler(EventLoop& loop, const Endpoint& server, const std::string& name,
               std::shared_ptr<ByteServiceFactory> services, DialOptions options = {});
    ~TcpDialler(); ///< closes the connection

    bool connected() const;
    const Traffic& traffic() const; ///< connections made

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
