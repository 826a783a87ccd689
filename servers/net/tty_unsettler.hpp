#pragma once

#include "servers/net/event_loop.hpp"

#include <memory>
#include <string>

namespace kpmsim {

/// Sees to it that whoever opens a pty changes its settings.
///
/// A pty carries no parity, and the C library (glibc 2.36, tcsetattr) says EINVAL to a request for it
/// unless the same request changed something else. A client that asks for what the last one asked
/// for changes nothing. So the moment a client goes, CLOCAL is taken away: it means nothing on a pty
/// and every serial program sets it. The next client may follow within 50 us, so this is a thread
/// that does nothing else, at a real-time priority where that is allowed. A client that sets the
/// line twice while it has it open is not helped.
///
/// Only who could write counts: a port lets go of its own end now and then (see pty_port.cpp), and a
/// setting taken away on that account would be taken from a client in the middle of its request.
class TtyUnsettler {
public:
    /// The one of this loop's lines. Throws CannotListen.
    static std::shared_ptr<TtyUnsettler> of(EventLoop& loop);
    ~TtyUnsettler();

    /// device: the client's end; master: ours, open until forget(). Throws CannotListen. returns a
    /// number for forget()
    int watch(const std::string& device, int master);
    void forget(int number);

private:
    TtyUnsettler();
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
