#pragma once

#include "servers/line/byte_service.hpp"
#include "servers/line/line_stations.hpp"

#include <memory>

namespace kpmsim {

/// One half-duplex line with any number of clients on it, each by a connection of its own: a pty, and
/// TCP connections as those of a device server that is set to the line's speed. They garble each
/// other as masters on two wires do; an answer goes to whoever asked.
class SharedLine : public ByteServiceFactory {
public:
    SharedLine(LineSettings settings, std::unique_ptr<LineStations> stations);

    std::unique_ptr<ByteService> connect() override;
    std::string_view protocol() const override;
    const Traffic& traffic() const override;

    struct Parts;

private:
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
