#pragma once

#include "servers/event_loop.hpp"

#include <memory>
#include <string>

namespace kpmsim {

/// A private mosquitto as a child process on a free loopback port, so that a farm needs nothing set
/// up. It dies with its parent, however that ends.
class EmbeddedBroker {
public:
    /// Starts it and waits until it accepts (2 s at most). Throws CannotListen: not installed,
    /// would not start.
    EmbeddedBroker();
    ~EmbeddedBroker(); ///< stops it and takes its folder away

    Endpoint endpoint() const;
    int pid() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
