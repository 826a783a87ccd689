#pragma once

#include "cli/serve/command_desk.hpp"
#include "cli/serve/wire_place.hpp"
#include "scenarios/farm/farm.hpp"
#include "servers/faults/upload_faults.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/request_watch.hpp"
#include "servers/modbus/rtu_meters.hpp"
#include "servers/mqtt/embedded_broker.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "servers/net/pty_port.hpp"
#include "servers/net/tcp_dialler.hpp"
#include "servers/net/tcp_listener.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
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
    std::size_t number{0};                  ///< no other circuit has or had it
    int unit_shift{0};                      ///< unit id less address
    std::vector<OpenEndpoint> endpoints;    ///< all of them
    std::optional<Endpoint> modbus_tcp;     ///< the first port of it
    std::optional<std::string> pty;         ///< absolute path of the link
    std::string line;                       ///< of its bus, as its first endpoint; empty = on none
    std::optional<std::size_t> mqtt_client; ///< number in the fleet, of its meter's one client

    std::string name() const; ///< of its meter, and which circuit of several
    /// Modbus unit id or address: follows an address that is written over the wire.
    int unit() const { return circuit->address() + unit_shift; }
};

/// Everything that a farm serves through: opens what the plan describes, all of it or nothing.
class FarmServer {
public:
    /// Throws CannotListen.
    FarmServer(EventLoop& loop, Farm& farm);

    /// To be called when meters have come or gone: opens what those who came have, and closes what those
    /// who went had; all others' ports, connections and clients stay. Throws CannotListen when something
    /// cannot be opened; those who came have nothing open then, and the farm must be rid of them.
    ///
    /// Those who asked for any free port get one, or the one that a meter of their name had before.
    enum class Ports { any, as_before };
    void follow(Ports ports = Ports::any);
    /// How often that was done.
    std::uint64_t followed() const { return followed_; }

    /// Those of one meter stand together, and stay where they are as long as it is there.
    const std::vector<const UnitEndpoints*>& units() const { return units_; }
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
    std::vector<WirePlace> places() const;
    /// The circuits' numbers, by meter.
    std::vector<std::vector<std::size_t>> circuit_numbers() const;
    /// What goes wrong with messages, by the circuits' numbers; null: nothing can. It outlives the server.
    void put(UploadFaults* faults) { upload_faults_ = faults; }
    /// The MQTT client of a circuit's meter, by the circuit's number, where it has one: see MqttFleet. It
    /// is held as long as one of its circuits is.
    void drop(std::size_t circuit);
    void hold(std::size_t circuit, bool held);
    void leave_retained(std::size_t circuit, const std::string& topic, const std::string& payload);
    /// Calls `done` when every message so far has arrived, see MqttFleet::settle().
    void settle(std::chrono::milliseconds patience, std::function<void(std::size_t missing)> done);
    Traffic traffic() const;
    std::size_t tcp_connections() const;
    std::size_t mqtt_clients() const { return fleet_ ? fleet_->size() : 0; }
    bool mqtt_coming() const { return fleet_ && fleet_->coming(); }
    std::size_t mqtt_connected() const { return fleet_ ? fleet_->connected() : 0; }
    /// Says goodbye on every connection; calls `done` within about a second.
    void close(std::function<void()> done);

private:
    /// A listener or a dialler.
    struct Port {
        std::unique_ptr<TcpListener> listener;
        std::unique_ptr<TcpDialler> dialler;

        const Traffic& traffic() const {
            return listener ? listener->traffic() : dialler->traffic();
        }
        std::size_t connections() const;
    };
    /// A port of Modbus-TCP, which meters may share.
    struct Gateway {
        bool shared{false}; ///< it was asked for by its number
        std::shared_ptr<ModbusTcp> meters;
        WirePlace place;
        Port port;
        OpenEndpoint shown;

        void settle(); ///< after others are behind it
    };
    /// A bus of the file.
    struct Line {
        RtuMeters* meters{nullptr}; ///< which the seat keeps
        WirePlace place;
        std::vector<Port> ports;
        std::unique_ptr<PtyPort> pty;
        std::optional<std::string> link; ///< absolute path of the pty's
        std::vector<OpenEndpoint> shown;
    };
    /// What a meter has for itself: a line of its own, or the connection that it opens.
    struct Own {
        WirePlace place;
        Port port;
    };
    struct Served {
        Meters::Held meter;
        std::vector<UnitEndpoints> units;
        std::vector<Own> own;
        BrokerSetting broker;       ///< as its client follows it
        std::set<std::size_t> held; ///< numbers of circuits whose connection is held away
    };

    /// An endpoint of a meter, and as it is opened.
    struct Opening {
        EndpointPlan plan;
        EndpointPlan as;
    };
    void open_line(const BusPlan& bus);
    void open(Served& served, const MeterPlan& plan, Ports ports);
    Opening opening(const MeterPlan& plan, std::size_t endpoint, Ports ports) const;
    void remember(const MeterPlan& plan, std::size_t endpoint, const Port& port);
    void open_own(Served& served, const MeterPlan& plan, const EndpointPlan& endpoint);
    MqttEndpoint endpoint_of(const BrokerPlan& broker);
    std::optional<MqttEndpoint> broker_of(const Meter& meter, const MeterPlan& plan);
    void open_client(Served& served, const MeterPlan& plan);
    void close_client(Served& served);
    void follow_brokers();
    Served* served_with(std::size_t circuit);
    void close(Served& served);
    void list_units();
    void send(const std::vector<UploadOnWay>& messages);
    std::optional<std::size_t> client_of(std::size_t circuit) const;
    Gateway& gateway(const Opening& endpoint);
    Port open_port(const EndpointPlan& plan, const std::string& name,
                   const std::shared_ptr<ByteServiceFactory>& service, OpenEndpoint& shown);
    /// For a service whose line is known once it is open.
    RequestWatch watch_on(std::shared_ptr<std::string> line);
    MqttFleet& fleet();
    template <class Work>
    void each_port(const Work& work) const;
    template <class Work>
    void each_place(const Work& work) const;
    Traffic traffic_of_ports() const; ///< … and of what is served on them

    EventLoop& loop_;
    Farm& farm_;
    std::vector<Served> served_; ///< by meter
    std::vector<const UnitEndpoints*> units_;
    std::map<std::size_t, const UnitEndpoints*> by_number_;
    std::map<Endpoint, Gateway> gateways_;   ///< by where they listen
    std::map<std::string, Line> lines_;      ///< by the name of the bus
    std::vector<Meter*> mqtt_meters_;        ///< by client; null: it is gone
    std::unique_ptr<EmbeddedBroker> broker_; // outlives the fleet
    CommandDesk desk_;                       // outlives the fleet
    std::unique_ptr<MqttFleet> fleet_;
    UploadFaults* upload_faults_{nullptr};
    LineWatch watch_;
    Traffic closed_; ///< of what is gone
    /// Ports that were any free one: by the meter's name and the place among its endpoints.
    std::map<std::pair<std::string, std::size_t>, unsigned short> free_ports_;
    std::size_t next_number_{0};
    std::uint64_t followed_{0};
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)}; ///< for what is posted
};

} // namespace kpmsim
