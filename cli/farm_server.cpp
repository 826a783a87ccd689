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
    Endpoint endpoint;
    std::vector<UnitEndpoints*> units;
};

ModbusUnits units_by_id(const Gateway& gateway) {
    ModbusUnits units;
    for (const UnitEndpoints* unit : gateway.units)
        units.units.push_back({unit->circuit, unit->unit_shift});
    if (gateway.units.size() == 1) // a port of its own: the unit id says nothing
        units.any = gateway.units.front()->circuit;
    return units;
}

} // namespace

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
    open_tcp(loop, farm);
    open_lines(loop, farm);
    open_mqtt(loop, farm);
}

UnitEndpoints& FarmServer::unit_of(const Circuit& circuit) {
    return *std::find_if(
        units_.begin(), units_.end(),
        [&](const UnitEndpoints& unit) { return unit.circuit == &circuit; });
}

void FarmServer::open_tcp(EventLoop& loop, Farm& farm) {
    std::vector<Gateway> gateways;
    std::map<Endpoint, std::size_t> by_endpoint;
    auto unit = units_.begin();
    const auto& plans = farm.plan().meters;
    for (std::size_t m = 0; m < plans.size(); ++m) {
        const auto first = unit;
        unit += static_cast<std::ptrdiff_t>(farm.meters()[m].circuits().size());
        if (!plans[m].modbus_tcp)
            continue;
        const Endpoint& endpoint = *plans[m].modbus_tcp;
        auto found = by_endpoint.find(endpoint);
        if (endpoint.port == 0 || found == by_endpoint.end()) {
            found = by_endpoint.insert_or_assign(endpoint, gateways.size()).first;
            gateways.push_back({endpoint, {}});
        }
        for (auto u = first; u != unit; ++u)
            gateways[found->second].units.push_back(&*u);
    }
    for (const Gateway& gateway : gateways) {
        services_.push_back(std::make_shared<ModbusTcp>(units_by_id(gateway)));
        listeners_.push_back(
            std::make_unique<TcpListener>(loop, gateway.endpoint, services_.back()));
        for (UnitEndpoints* u : gateway.units)
            u->modbus_tcp = listeners_.back()->endpoint();
    }
}

void FarmServer::open_lines(EventLoop& loop, Farm& farm) {
    const FarmPlan& plan = farm.plan();
    for (const BusPlan& bus : plan.buses) {
        std::vector<Circuit*> circuits;
        for (std::size_t m = 0; m < plan.meters.size(); ++m) {
            if (plan.meters[m].bus == bus.name)
                for (Circuit& circuit : farm.meters()[m].circuits())
                    circuits.push_back(&circuit);
        }
        LineSettings settings;
        settings.baud = bus.baud;
        settings.bits_per_character = bus.format == "8N1" ? 10 : 11;
        const std::string link = absolute_path(bus.pty);
        services_.push_back(std::make_shared<SharedLine>(
            settings, std::make_unique<RtuMeters>(settings, circuits)));
        ptys_.push_back(std::make_unique<PtyPort>(loop, link, bus.baud, *services_.back()));
        for (const Circuit* circuit : circuits)
            unit_of(*circuit).pty = link;
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

std::optional<Endpoint> FarmServer::broker() const {
    return broker_ ? std::optional{broker_->endpoint()} : std::nullopt;
}

const UnitEndpoints* FarmServer::sender(const Message& message) const {
    const UnitEndpoints& unit =
        units_[first_unit_[message.meter] + static_cast<std::size_t>(message.circuit)];
    return unit.mqtt_client ? &unit : nullptr;
}

void FarmServer::publish(const UnitEndpoints& unit, const Message& message) {
    if (unit.mqtt_client)
        fleet_->publish(*unit.mqtt_client, message.topic, message.payload);
}

Traffic FarmServer::traffic() const {
    Traffic sum = closed_;
    for (const auto& listener : listeners_)
        sum += listener->traffic();
    for (const auto& service : services_)
        sum += service->traffic();
    if (fleet_)
        sum += fleet_->traffic();
    return sum;
}

std::size_t FarmServer::tcp_connections() const {
    std::size_t sum = 0;
    for (const auto& listener : listeners_)
        sum += listener->connections();
    return sum;
}

void FarmServer::close(std::function<void()> done) {
    for (const auto& listener : listeners_)
        closed_ += listener->traffic();
    listeners_.clear();
    ptys_.clear();
    if (fleet_)
        fleet_->close(std::move(done));
    else
        done();
}

} // namespace kpmsim
