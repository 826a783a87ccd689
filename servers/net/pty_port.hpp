#pragma once

#include "servers/line/byte_service.hpp"
#include "servers/net/event_loop.hpp"

#include <memory>
#include <string>

namespace kpmsim {

/// A byte service on a pseudo-TTY: a link with a stable name that any serial client opens.
///
/// An answer is written whole, at the moment when its last character would be complete. Linux ptys
/// carry no parity and always eight bits, so a client's parity can be neither seen nor wrong; its
/// speed can.
class PtyPort {
public:
    /// Makes the pty and the link (folders are made; a stale link is replaced; a file that is no
    /// link is left alone and an error). `baud`: of the pty while nobody has it open. Throws
    /// CannotListen.
    PtyPort(EventLoop& loop, const std::string& link, int baud, ByteServiceFactory& services);
    ~PtyPort(); ///< takes the link away again

    const std::string& link() const;
    std::string device() const; ///< /dev/pts/N

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
