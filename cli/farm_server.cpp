#include "cli/farm_server.hpp"

#include "files/path.hpp"
#include "servers/line/shared_line.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/rtu_meters.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace kpmsim {

namespace {

/// The word MSTA, as far as it is known: there is no radio whose signal its first digit could show.
void show_wireless(const Circuit& circuit, bool connected) {
    circuit.meter().set_radio(connected ? 0x0101 : 0x0001, circuit.index());
}

/// Circuits that share one TCP port.
struct Gateway {
    EndpointPlan plan;
    std::vector<UnitEndpoints*> units;
};

/// A meter's own port takes as many clients as its model does; a gateway to several is another device.
std::optional<int> most_connections(const Gateway& gateway) {
    const Meter& first = gateway.units.front()->circuit->meter();
    const bool own =
        std::all_of(gateway.units.begin(), gateway.units.end(),
                    [&](const UnitEndpoints* unit) { return &unit->circuit->meter() == &first; });
    return own ? first.type().max_connections : std::nullopt;
}

ModbusUnits units_by_id(const std::vector<UnitEndpoints*>& behind, RequestWatch watch) {
    ModbusUnits units;
    units.watch = std::move(watch);
    for (const UnitEndpoints* unit : behind)
        units.units.push_back({unit->circuit, unit->unit_shift});
    if (behind.size() == 1) // a connection of its own: the unit id says nothing
        units.any = behind.front()->circuit;
    return units;
}

} // namespace

std::string_view name_of(OpenEndpoint::Kind kind) {
    switch (kind) {
    case OpenEndpoint::Kind::listens:
        return "listens";
    case OpenEndpoint::Kind::connects:
        return "connects";
    case OpenEndpoint::Kind::pty:
        break;
    }
    return "pty";
}

std::string UnitEndpoints::name() const {
    const std::string& name = circuit->meter().spec().name;
    return circuit->type().circuits == 1 ? name
                                         : fmt::format("{} circuit {}", name, circuit->index() + 1);
}

FarmServer::FarmServer(EventLoop& loop, Farm& farm) {
    const auto& plans = farm.plan().meters;
    for (std::size_t m = 0; m < plans.size(); ++m) {
        first_unit_.push_back(units_.size());
        for (Circuit& circuit : farm.meters()[m].circuits()) {
            UnitEndpoints unit;
            unit.circuit = &circuit;
            unit.unit_shift = plans[m].unit_shift();
            units_.push_back(unit);
        }
    }
    open_gateways(loop, farm);
    open_own(loop, farm);
    open_lines(loop, farm);
    open_mqtt(loop, farm);
}

UnitEndpoints& FarmServer::unit_of(const Circuit& circuit) {
    return *std::find_if(
        units_.begin(), units_.end(),
        [&](const UnitEndpoints& unit) { return unit.circuit == &circuit; });
}

RequestWatch FarmServer::watch_on(std::shared_ptr<std::string> line) {
    return [this, line = std::move(line)](int unit, const Circuit* circuit, auto request,
                                          auto answer) {
        if (watch_)
            watch_(*line, unit, circuit, request, answer);
    };
}

std::shared_ptr<ByteServiceFactory> FarmServer::seated(std::shared_ptr<ByteServiceFactory> service,
                                                       WirePlace place,
                                                       std::span<UnitEndpoints* const> units) {
    place.seat = std::make_shared<FaultSeat>(std::move(service));
    for (const UnitEndpoints* unit : units) {
        const auto n = static_cast<std::size_t>(unit - units_.data());
        const auto after = std::upper_bound(first_unit_.begin(), first_unit_.end(), n);
        const auto meter = static_cast<std::size_t>(after - first_unit_.begin()) - 1;
        const bool tcp = place.form == WireForm::tcp;
        place.units.push_back({meter, unit->circuit, tcp ? unit->unit_shift : 0});
    }
    places_.push_back(std::move(place));
    return places_.back().seat;
}

OpenEndpoint FarmServer::open(EventLoop& loop, const EndpointPlan& plan, const std::string& name,
                              const std::shared_ptr<ByteServiceFactory>& service,
                              std::optional<int> most_connections) {
    const std::string protocol{service->protocol()};
    if (plan.connects) {
        diallers_.push_back(std::make_unique<TcpDialler>(loop, plan.at, name, service));
        return {protocol, OpenEndpoint::Kind::connects, to_text(plan.at)};
    }
    TcpListener::Limits limits;
    limits.connections = most_connections;
    listeners_.push_back(std::make_unique<TcpListener>(loop, plan.at, service, limits));
    return {protocol, OpenEndpoint::Kind::listens, to_text(listeners_.back()->endpoint())};
}

/// Ports of Modbus-TCP, which meters may share.
void FarmServer::open_gateways(EventLoop& loop, Farm& farm) {
    std::vector<Gateway> gateways;
    std::map<Endpoint, std::size_t> by_endpoint;
    auto unit = units_.begin();
    const auto& plans = farm.plan().meters;
    for (std::size_t m = 0; m < plans.size(); ++m) {
        const auto first = unit;
        unit += static_cast<std::ptrdiff_t>(farm.meters()[m].circuits().size());
        for (const EndpointPlan& plan : plans[m].endpoints) {
            if (plan.protocol != WireProtocol::modbus_tcp || plan.connects)
                continue;
            auto found = by_endpoint.find(plan.at);
            if (plan.at.port == 0 || found == by_endpoint.end()) {
                found = by_endpoint.insert_or_assign(plan.at, gateways.size()).first;
                gateways.push_back({plan, {}});
            }
            for (auto u = first; u != unit; ++u)
                gateways[found->second].units.push_back(&*u);
        }
    }
    for (const Gateway& gateway : gateways) {
        const auto line = std::make_shared<std::string>();
        const OpenEndpoint opened =
            open(loop, gateway.plan, {},
                 seated(std::make_shared<ModbusTcp>(units_by_id(gateway.units, watch_on(line))), {},
                        gateway.units),
                 most_connections(gateway));
        *line = opened.where;
        for (UnitEndpoints* u : gateway.units) {
            u->endpoints.push_back(opened);
            if (!u->modbus_tcp)
                u->modbus_tcp = listeners_.back()->endpoint();
        }
    }
}

/// What a meter has for itself: a line of its own, or the connection that it opens.
void FarmServer::open_own(EventLoop& loop, Farm& farm) {
    const auto& plans = farm.plan().meters;
    for (std::size_t m = 0; m < plans.size(); ++m) {
        std::vector<UnitEndpoints*> units;
        std::vector<Circuit*> circuits;
        for (Circuit& circuit : farm.meters()[m].circuits()) {
            circuits.push_back(&circuit);
            units.push_back(&units_[first_unit_[m] + static_cast<std::size_t>(circuit.index())]);
        }
        for (const EndpointPlan& plan : plans[m].endpoints) {
            const auto line = std::make_shared<std::string>();
            std::shared_ptr<ByteServiceFactory> service;
            WirePlace place;
            if (plan.protocol == WireProtocol::modbus_rtu) {
                const LineSettings settings = line_settings_of(*circuits.front());
                place.form = WireForm::rtu;
                place.line = settings;
                service = std::make_shared<SharedLine>(
                    settings, std::make_unique<RtuMeters>(settings, circuits, watch_on(line)));
            } else if (plan.connects) {
                service = std::make_shared<ModbusTcp>(units_by_id(units, watch_on(line)));
            } else {
                continue; // a gateway
            }
            const OpenEndpoint opened = open(loop, plan, plans[m].spec.name,
                                             seated(std::move(service), std::move(place), units));
            *line = opened.where;
            for (UnitEndpoints* u : units)
                u->endpoints.push_back(opened);
        }
    }
}

void FarmServer::open_lines(EventLoop& loop, Farm& farm) {
    const FarmPlan& plan = farm.plan();
    for (const BusPlan& bus : plan.buses) {
        std::vector<Circuit*> circuits;
        std::vector<UnitEndpoints*> units;
        for (std::size_t m = 0; m < plan.meters.size(); ++m) {
            if (plan.meters[m].bus == bus.name)
                for (Circuit& circuit : farm.meters()[m].circuits()) {
                    circuits.push_back(&circuit);
                    units.push_back(&unit_of(circuit));
                }
        }
        LineSettings settings;
        settings.baud = bus.baud;
        settings.bits_per_character = bus.format == "8N1" ? 10 : 11;
        WirePlace place;
        place.form = WireForm::rtu;
        place.line = settings;
        place.bus = bus.name;
        place.tcp = !bus.endpoints.empty();
        const auto line =
            seated(std::make_shared<SharedLine>(
                       settings,
                       std::make_unique<RtuMeters>(
                           settings, circuits, watch_on(std::make_shared<std::string>(bus.name)))),
                   std::move(place), units);
        std::optional<std::string> link;
        std::vector<OpenEndpoint> opened;
        if (bus.pty) {
            link = absolute_path(*bus.pty);
            ptys_.push_back(std::make_unique<PtyPort>(loop, *link, bus.baud, *line));
            opened.push_back({std::string{line->protocol()}, OpenEndpoint::Kind::pty, *link});
        }
        for (const EndpointPlan& endpoint : bus.endpoints)
            opened.push_back(open(loop, endpoint, bus.name, line));
        for (const Circuit* circuit : circuits) {
            UnitEndpoints& unit = unit_of(*circuit);
            unit.pty = link;
            unit.endpoints.insert(unit.endpoints.end(), opened.begin(), opened.end());
            unit.line = opened.empty() ? "" : opened.front().where;
        }
    }
}

void FarmServer::open_mqtt(EventLoop& loop, Farm& farm) {
    const auto& plans = farm.plan().meters;
    for (std::size_t m = 0; m < plans.size(); ++m) {
        if (!plans[m].mqtt)
            continue;
        if (!fleet_) {
            MqttOptions options;
            options.qos = farm.plan().mqtt.qos;
            options.retain = farm.plan().mqtt.retain;
            options.keepalive_s = farm.plan().mqtt.keepalive_s;
            options.tls = {farm.plan().mqtt.ca, farm.plan().mqtt.certificate, farm.plan().mqtt.key,
                           farm.plan().mqtt.check_name};
            fleet_ = std::make_unique<MqttFleet>(loop, options);
            fleet_->on_change([this](std::size_t client, bool connected) {
                show_wireless(*mqtt_circuits_[client], connected);
            });
        }
        MqttEndpoint endpoint = plans[m].mqtt->at;
        if (plans[m].mqtt->embedded) {
            if (!broker_)
                broker_ = std::make_unique<EmbeddedBroker>();
            endpoint.host = broker_->endpoint().host;
            endpoint.port = broker_->endpoint().port;
        }
        for (Circuit& circuit : farm.meters()[m].circuits()) {
            mqtt_circuits_.push_back(&circuit);
            show_wireless(circuit, false);
            unit_of(circuit).mqtt_client = fleet_->add(
                plans[m].client_ids[static_cast<std::size_t>(circuit.index())], endpoint);
        }
    }
}

std::span<const UnitEndpoints> FarmServer::units_of(std::size_t meter) const {
    const std::size_t first = first_unit_[meter];
    const std::size_t end = meter + 1 < first_unit_.size() ? first_unit_[meter + 1] : units_.size();
    return std::span{units_}.subspan(first, end - first);
}

std::optional<Endpoint> FarmServer::broker() const {
    return broker_ ? std::optional{broker_->endpoint()} : std::nullopt;
}

const UnitEndpoints* FarmServer::sender(const Message& message) const {
    const UnitEndpoints& unit =
        units_[first_unit_[message.meter] + static_cast<std::size_t>(message.circuit)];
    return unit.mqtt_client ? &unit : nullptr;
}

void FarmServer::publish(const UnitEndpoints& unit, const Message& message) {
    if (!unit.mqtt_client)
        return;
    if (upload_faults_ == nullptr || upload_faults_->idle()) {
        fleet_->publish(*unit.mqtt_client, message.topic, message.payload);
        return;
    }
    std::vector<UploadOnWay> out;
    const auto circuit = static_cast<std::size_t>(&unit - units_.data());
    upload_faults_->take({message.at.time_since_epoch(), circuit, message.topic, message.payload},
                         out);
    send(out);
}

void FarmServer::flush(SimTime to) {
    if (upload_faults_ == nullptr || upload_faults_->idle())
        return;
    std::vector<UploadOnWay> out;
    upload_faults_->advance(to.time_since_epoch(), out);
    send(out);
}

void FarmServer::send(const std::vector<UploadOnWay>& messages) {
    for (const UploadOnWay& message : messages)
        if (const auto client = units_[message.client].mqtt_client)
            fleet_->publish(*client, message.topic, message.payload);
}

void FarmServer::drop(std::size_t circuit) {
    if (const auto client = units_[circuit].mqtt_client)
        fleet_->drop(*client);
}

void FarmServer::hold(std::size_t circuit, bool held) {
    if (const auto client = units_[circuit].mqtt_client)
        fleet_->hold(*client, held);
}

void FarmServer::leave_retained(std::size_t circuit, const std::string& topic,
                                const std::string& payload) {
    if (const auto client = units_[circuit].mqtt_client)
        fleet_->publish_retained(*client, topic, payload);
}

void FarmServer::settle(std::chrono::milliseconds patience,
                        std::function<void(std::size_t missing)> done) {
    if (fleet_)
        fleet_->settle(patience, std::move(done));
    else
        done(0);
}

Traffic FarmServer::traffic() const {
    Traffic sum = closed_;
    for (const auto& listener : listeners_)
        sum += listener->traffic();
    for (const auto& dialler : diallers_)
        sum += dialler->traffic();
    for (const WirePlace& place : places_)
        sum += place.seat->traffic();
    if (fleet_)
        sum += fleet_->traffic();
    return sum;
}

std::size_t FarmServer::tcp_connections() const {
    std::size_t sum = 0;
    for (const auto& listener : listeners_)
        sum += listener->connections();
    for (const auto& dialler : diallers_)
        sum += dialler->connected() ? 1 : 0;
    return sum;
}

void FarmServer::close(std::function<void()> done) {
    for (const auto& listener : listeners_)
        closed_ += listener->traffic();
    for (const auto& dialler : diallers_)
        closed_ += dialler->traffic();
    listeners_.clear();
    diallers_.clear();
    ptys_.clear();
    if (fleet_)
        fleet_->close(std::move(done));
    else
        done();
}

} // namespace kpmsim
