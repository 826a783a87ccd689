#pragma once

#include "cli/serve/farm_radios.hpp"
#include "cli/serve/wire_place.hpp"
#include "scenarios/farm/farm.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/request_watch.hpp"
#include "servers/modbus/rtu_meters.hpp"
#include "servers/net/pty_port.hpp"
#include "servers/net/tcp_dialler.hpp"
#include "servers/net/tcp_listener.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
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
    std::size_t number{0};               ///< no other circuit has or had it
    int unit_shift{0};                   ///< unit id less address
    std::vector<OpenEndpoint> endpoints; ///< all of them
    std::optional<Endpoint> modbus_tcp;  ///< the first port of it
    std::optional<std::string> pty;      ///< absolute path of its first line's link
    std::vector<std::string> lines;      ///< its buses, each as the first endpoint of it
    bool uploads{false};                 ///< by its meter's one radio

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
    /// The unit that sent the message; null when its messages go nowhere.
    const UnitEndpoints* sender(const Message& message) const;
    /// Where something can go wrong between a transport and a protocol.
    std::vector<WirePlace> places() const;
    /// The circuits' numbers, by meter.
    std::vector<std::vector<std::size_t>> circuit_numbers() const;
    FarmRadios& radios() { return radios_; }
    const FarmRadios& radios() const { return radios_; }
    Traffic traffic() const;
    std::size_t tcp_connections() const;
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
    void close(Served& served);
    void list_units();
    Gateway& gateway(const Opening& endpoint);
    Port open_port(const EndpointPlan& plan, const std::string& name,
                   const std::shared_ptr<ByteServiceFactory>& service, OpenEndpoint& shown);
    /// For a service whose line is known once it is open.
    RequestWatch watch_on(std::shared_ptr<std::string> line);
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
    std::map<Endpoint, Gateway> gateways_; ///< by where they listen
    std::map<std::string, Line> lines_;    ///< by the name of the bus
    FarmRadios radios_;
    LineWatch watch_;
    Traffic closed_; ///< of what is gone
    /// Ports that were any free one: by the meter's name and the place among its endpoints.
    std::map<std::pair<std::string, std::size_t>, unsigned short> free_ports_;
    std::size_t next_number_{0};
    std::uint64_t followed_{0};
};

} // namespace kpmsim
