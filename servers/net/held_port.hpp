#pragma once

#include "servers/net/descriptor.hpp"

namespace kpmsim {

/// A free TCP port of 127.0.0.1, kept by a socket that is bound and does not listen. Whoever sets
/// SO_REUSEADDR may bind a listener there: Linux allows that to the two of them and gives the port to
/// nobody else who asks for any free one.
class HeldPort {
public:
    HeldPort(); ///< Throws CannotListen.

    unsigned short number() const { return number_; }
    void let_go() { socket_.close(); }

private:
    Descriptor socket_;
    unsigned short number_{0};
};

} // namespace kpmsim
