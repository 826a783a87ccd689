#pragma once

#include "servers/event_loop.hpp"
#include "servers/rtu_line.hpp"

#include <memory>
#include <string>

namespace kpmsim {

/// An RS-485 line on a pseudo-TTY: a link with a stable name that any serial client opens.
///
/// An answer is written whole, at the moment when its last character would be complete. Linux ptys
/// carry no parity and always eight bits, so a client's parity can be neither seen nor wrong; its
/// speed can.
class PtyLine {
public:
    /// Makes the pty and the link (folders are made; a stale link is replaced; a file that is no
    /// link is left alone and an error). Throws CannotListen.
    PtyLine(EventLoop& loop, const std::string& link, LineSettings settings,
            std::vector<Circuit*> devices);
    ~PtyLine(); ///< takes the link away again

    const std::string& link() const;
    std::string device() const; ///< /dev/pts/N
    const Traffic& traffic() const;

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
