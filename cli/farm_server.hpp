#pragma once

#include "scenarios/farm/farm.hpp"
#include "servers/mqtt/embedded_broker.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "servers/net/pty_port.hpp"
#include "servers/net/tcp_listener.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// Where one circuit of a meter can be reached.
struct UnitEndpoints {
    Circuit* circuit{nullptr};
    int unit_shift{0}; ///< unit id less address
    std::optional<Endpoint> modbus_tcp;
    std::optional<std::string> pty;         ///< absolute path of the link
    std::optional<std::size_t> mqtt_client; ///< number in the fleet

    std::string name() const; ///< of its meter, and which circuit of several
    /// Modbus unit id or address: follows an address that is written over the wire.
    int unit() const { return circuit->address() + unit_shift; }
};

/// Everything that a farm serves through: opens what the plan describes, all of it or nothing.
class FarmServer {
public:
    /// Throws CannotListen.
    FarmServer(EventLoop& loop, Farm& farm);

    const std::vector<UnitEndpoints>& units() const { return units_; }
    std::optional<Endpoint> broker() const; ///< of the embedded one
    /// The unit that sent the message; null when it has no MQTT client.
    const UnitEndpoints* sender(const Message& message) const;
    void publish(const UnitEndpoints& unit, const Message& message);
    Traffic traffic() const;
    std::size_t tcp_connections() const;
    std::size_t mqtt_clients() const { return fleet_ ? fleet_->size() : 0; }
    std::size_t mqtt_connected() const { return fleet_ ? fleet_->connected() : 0; }
    /// Says goodbye on every connection; calls `done` within about a second.
    void close(std::function<void()> done);

private:
    void open_tcp(EventLoop& loop, Farm& farm);
    void open_lines(EventLoop& loop, Farm& farm);
    void open_mqtt(EventLoop& loop, Farm& farm);
    UnitEndpoints& unit_of(const Circuit& circuit);

    std::vector<UnitEndpoints> units_;
    std::vector<std::size_t> first_unit_;    ///< by meter
    std::vector<Circuit*> mqtt_circuits_;    ///< by client
    std::unique_ptr<EmbeddedBroker> broker_; // outlives the fleet
    std::unique_ptr<MqttFleet> fleet_;
    std::vector<std::unique_ptr<TcpListener>> listeners_;
    std::vector<std::unique_ptr<PtyPort>> ptys_;
    std::vector<std::shared_ptr<ByteServiceFactory>> services_; ///< on all of them
    Traffic closed_;                                            ///< of listeners that are gone
};

} // namespace kpmsim
