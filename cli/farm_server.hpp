#pragma once

#include "cli/wire_place.hpp"
#include "scenarios/farm/farm.hpp"
#include "servers/faults/upload_faults.hpp"
#include "servers/modbus/request_watch.hpp"
#include "servers/mqtt/embedded_broker.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "servers/net/pty_port.hpp"
#include "servers/net/tcp_dialler.hpp"
#include "servers/net/tcp_listener.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpmsim {

/// One way to a circuit, as it is open.
struct OpenEndpoint {
    enum class Kind { listens, connects, pty };
    std::string protocol; ///< "Modbus-TCP", "Modbus-RTU"
    Kind kind{Kind::listens};
    std::string where; ///< address and port, of the other side where it connects; path of the link
};

std::string_view name_of(OpenEndpoint::Kind kind); ///< listens

/// Where one circuit of a meter can be reached.
struct UnitEndpoints {
    Circuit* circuit{nullptr};
    int unit_shift{0};                      ///< unit id less address
    std::vector<OpenEndpoint> endpoints;    ///< all of them
    std::optional<Endpoint> modbus_tcp;     ///< the first port of it
    std::optional<std::string> pty;         ///< absolute path of the link
    std::string line;                       ///< of its bus, as its first endpoint; empty = on none
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
    /// Calls `watch` for each Modbus request, with the line that it came by: a bus of the file, or
    /// HOST:PORT.
    using LineWatch = std::function<void(const std::string& line, int unit, const Circuit* circuit,
                                         std::span<const std::uint8_t> request,
                                         std::span<const std::uint8_t> answer)>;
    void on_request(LineWatch watch) { watch_ = std::move(watch); }
    /// Those of one meter, by circuit.
    std::span<const UnitEndpoints> units_of(std::size_t meter) const;
    std::optional<Endpoint> broker() const; ///< of the embedded one
    /// The unit that sent the message; null when it has no MQTT client.
    const UnitEndpoints* sender(const Message& message) const;
    void publish(const UnitEndpoints& unit, const Message& message);
    /// Every message up to this moment has been published: what goes wrong with them lets go of what
    /// is due by then.
    void flush(SimTime to);
    /// Where something can go wrong between a transport and a protocol.
    const std::vector<WirePlace>& places() const { return places_; }
    /// What goes wrong with messages, by the farm's count of circuits; null: nothing can. It outlives
    /// the server.
    void put(UploadFaults* faults) { upload_faults_ = faults; }
    /// A circuit's MQTT client, where it has one: see MqttFleet.
    void drop(std::size_t circuit);
    void hold(std::size_t circuit, bool held);
    void leave_retained(std::size_t circuit, const std::string& topic, const std::string& payload);
    /// Calls `done` when every message so far has arrived, see MqttFleet::settle().
    void settle(std::chrono::milliseconds patience, std::function<void(std::size_t missing)> done);
    Traffic traffic() const;
    std::size_t tcp_connections() const;
    std::size_t mqtt_clients() const { return fleet_ ? fleet_->size() : 0; }
    std::size_t mqtt_connected() const { return fleet_ ? fleet_->connected() : 0; }
    /// Says goodbye on every connection; calls `done` within about a second.
    void close(std::function<void()> done);

private:
    void open_gateways(EventLoop& loop, Farm& farm);
    void open_own(EventLoop& loop, Farm& farm);
    void open_lines(EventLoop& loop, Farm& farm);
    OpenEndpoint open(EventLoop& loop, const EndpointPlan& plan, const std::string& name,
                      const std::shared_ptr<ByteServiceFactory>& service,
                      std::optional<int> most_connections = {});
    std::shared_ptr<ByteServiceFactory> seated(std::shared_ptr<ByteServiceFactory> service,
                                               WirePlace place,
                                               std::span<UnitEndpoints* const> units);
    void open_mqtt(EventLoop& loop, Farm& farm);
    void send(const std::vector<UploadOnWay>& messages);
    /// For a service whose line is known once it is open.
    RequestWatch watch_on(std::shared_ptr<std::string> line);
    UnitEndpoints& unit_of(const Circuit& circuit);

    std::vector<UnitEndpoints> units_;
    std::vector<std::size_t> first_unit_;    ///< by meter
    std::vector<Circuit*> mqtt_circuits_;    ///< by client
    std::unique_ptr<EmbeddedBroker> broker_; // outlives the fleet
    std::unique_ptr<MqttFleet> fleet_;
    std::vector<std::unique_ptr<TcpListener>> listeners_;
    std::vector<std::unique_ptr<TcpDialler>> diallers_;
    std::vector<std::unique_ptr<PtyPort>> ptys_;
    std::vector<WirePlace> places_; ///< on all of them
    UploadFaults* upload_faults_{nullptr};
    LineWatch watch_;
    Traffic closed_; ///< of listeners and diallers that are gone
};

} // namespace kpmsim
