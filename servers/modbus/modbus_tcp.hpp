#pragma once

#include "models/engine/meter.hpp"
#include "servers/line/byte_service.hpp"
#include "servers/modbus/request_watch.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace kpmsim {

/// The meters behind one TCP port. A unit id is a meter's present address, so that a meter whose
/// address is written over the wire moves; a port with a single meter may answer any unit.
///
/// Two meters at one address do what a gateway's line has them do: both carry the request out, both
/// answer, their answers garble each other, and the gateway has nothing to pass on. The client waits
/// in vain, as for a unit that is not there.
struct ModbusUnits {
    struct Unit {
        Circuit* circuit{nullptr};
        int shift{0}; ///< unit id less address

        int id() const { return circuit->address() + shift; }
    };
    std::vector<Unit> units;
    Circuit* any{nullptr}; ///< answers for every unit id; null = silence where there is no meter
    RequestWatch watch;    ///< empty: nobody listens
};

/// Takes every complete ADU from the front of `in` and appends the answers to `out`, in order. A
/// pure function. Stops when the answers would go beyond `out_limit` bytes (back-pressure). Unit 0
/// is a broadcast on a gateway: executed by all, not answered. returns how many bytes of `in` were
/// used; `broken` when the stream cannot be followed any more (close it) source  Modbus Messaging
/// on TCP/IP Implementation Guide V1.0b, 3.1
struct TcpTurn {
    std::size_t used{0};
    bool broken{false};
};
TcpTurn serve_adus(const ModbusUnits& units, std::span<const std::uint8_t> in,
                   std::vector<std::uint8_t>& out, std::size_t out_limit, Traffic& traffic);

/// The meters of one port, or of one connection that a meter opens, by serve_adus().
class ModbusTcp : public ByteServiceFactory {
public:
    explicit ModbusTcp(ModbusUnits units);

    std::unique_ptr<ByteService> connect() override;
    std::string_view protocol() const override { return "Modbus-TCP"; }
    const Traffic& traffic() const override;
    /// May become others between two requests.
    ModbusUnits& units();

    struct Parts;

private:
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
