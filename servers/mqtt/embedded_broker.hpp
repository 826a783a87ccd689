#pragma once

#include "files/endpoint.hpp"
#include "servers/net/event_loop.hpp"

#include <memory>
#include <string>

namespace kpmsim {

/// A private mosquitto as a child process on a free loopback port, so that a farm needs nothing set
/// up. It dies with its parent, however that ends, and leaves nothing behind: its configuration and
/// its log live in memory.
class EmbeddedBroker {
public:
    /// Starts it and waits until it accepts (5 s at most, usually some 20 ms). Throws CannotListen:
    /// not installed, would not start. `program`: empty finds mosquitto in PATH and /usr/sbin.
    explicit EmbeddedBroker(const std::string& program = {});
    ~EmbeddedBroker(); ///< stops it, within a second

    Endpoint endpoint() const;
    int pid() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
