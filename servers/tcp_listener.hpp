#pragma once

#include "servers/event_loop.hpp"
#include "servers/modbus_tcp.hpp"
#include "servers/traffic.hpp"

#include <memory>

namespace kpmsim {

/// Modbus-TCP on one port: accepts, reads, answers through serve_adus(), and closes what is slow,
/// idle or broken.
class TcpListener {
public:
    /// Binds at once (port 0: any free one). Throws CannotListen.
    TcpListener(EventLoop& loop, const Endpoint& endpoint, ModbusUnits units);
    ~TcpListener(); ///< closes every connection

    Endpoint endpoint() const; ///< with the real port
    const Traffic& traffic() const;
    std::size_t connections() const;

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
