#include "cli/serve/farm_server.hpp"

#include "files/path.hpp"
#include "servers/line/shared_line.hpp"
#include "servers/net/asio.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace kpmsim {

namespace {

/// A connection of its own: the unit id says nothing.
void settle_any(ModbusUnits& units) {
    units.any = units.units.size() == 1 ? units.units.front().circuit : nullptr;
}

/// A meter's own port takes as many clients as its model does; a gateway to several is another device.
std::optional<std::size_t> most_connections(const std::vector<ModbusUnits::Unit>& units) {
    const Meter& first = units.front().circuit->meter();
    const bool own = std::all_of(units.begin(), units.end(), [&](const ModbusUnits::Unit& unit) {
        return &unit.circuit->meter() == &first;
    });
    return own ? first.type().max_connections : std::nullopt;
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

void FarmServer::Gateway::settle() {
    settle_any(meters->units());
    port.listener->limit_connections(most_connections(meters->units().units));
}

template <class Work>
void FarmServer::each_port(const Work& work) const {
    for (const auto& [at, gateway] : gateways_)
        work(gateway.port);
    for (const auto& [name, line] : lines_)
        for (const Port& port : line.ports)
            work(port);
    for (const Served& served : served_)
        for (const Own& own : served.own)
            work(own.port);
}

template <class Work>
void FarmServer::each_place(const Work& work) const {
    for (const auto& [at, gateway] : gateways_)
        work(gateway.place);
    for (const Served& served : served_)
        for (const Own& own : served.own)
            work(own.place);
    for (const auto& [name, line] : lines_)
        work(line.place);
}

std::size_t FarmServer::Port::connections() const {
    if (listener)
        return listener->connections();
    return dialler->connected() ? 1 : 0;
}

FarmServer::FarmServer(EventLoop& loop, Farm& farm)
    : loop_{loop}, farm_{farm}, radios_{loop, farm.plan().mqtt} {
    for (const BusPlan& bus : farm.plan().buses)
        open_line(bus);
    follow();
}

void FarmServer::follow(Ports ports) {
    const Meters meters = farm_.meters();
    std::map<const Meter*, Served> before;
    for (Served& each : served_)
        before.emplace(each.meter.get(), std::move(each));
    served_.clear();
    std::vector<std::size_t> fresh;
    for (std::size_t n = 0; n < meters.size(); ++n) {
        if (auto same = before.extract(&meters[n])) {
            served_.push_back(std::move(same.mapped()));
            continue;
        }
        fresh.push_back(n);
        Served& served = served_.emplace_back();
        served.meter = meters.hold(n);
        for (Circuit& circuit : meters[n].circuits()) {
            UnitEndpoints& unit = served.units.emplace_back();
            unit.circuit = &circuit;
            unit.number = next_number_++;
            unit.unit_shift = farm_.plan().meters[n].unit_shift();
        }
    }
    for (auto& [meter, served] : before)
        close(served);
    ++followed_;
    try {
        for (const std::size_t n : fresh)
            open(served_[n], farm_.plan().meters[n], ports);
    } catch (...) {
        for (; !fresh.empty(); fresh.pop_back()) {
            close(served_[fresh.back()]);
            served_.erase(served_.begin() + static_cast<std::ptrdiff_t>(fresh.back()));
        }
        list_units();
        throw;
    }
    list_units();
}

void FarmServer::list_units() {
    units_.clear();
    by_number_.clear();
    for (const Served& served : served_)
        for (const UnitEndpoints& unit : served.units) {
            units_.push_back(&unit);
            by_number_[unit.number] = &unit;
        }
}

RequestWatch FarmServer::watch_on(std::shared_ptr<std::string> line) {
    return [this, line = std::move(line)](int unit, const Circuit* circuit, auto request,
                                          auto answer) {
        if (watch_)
            watch_(*line, unit, circuit, request, answer);
    };
}

FarmServer::Port FarmServer::open_port(const EndpointPlan& plan, const std::string& name,
                                       const std::shared_ptr<ByteServiceFactory>& service,
                                       OpenEndpoint& shown) {
    Port port;
    shown.protocol = service->protocol();
    if (plan.connects) {
        port.dialler = std::make_unique<TcpDialler>(loop_, plan.at, name, service);
        shown.kind = OpenEndpoint::Kind::connects;
        shown.where = to_text(plan.at);
    } else {
        port.listener = std::make_unique<TcpListener>(loop_, plan.at, service);
        shown.kind = OpenEndpoint::Kind::listens;
        shown.where = to_text(port.listener->endpoint());
    }
    return port;
}

void FarmServer::open_line(const BusPlan& bus) {
    LineSettings settings;
    settings.baud = bus.baud;
    settings.bits_per_character = bus.format == "8N1" ? 10 : 11;
    auto meters = std::make_unique<RtuMeters>(settings, std::vector<Circuit*>{},
                                              watch_on(std::make_shared<std::string>(bus.name)));
    Line& line = lines_[bus.name];
    line.meters = meters.get();
    line.place.seat =
        std::make_shared<FaultSeat>(std::make_shared<SharedLine>(settings, std::move(meters)));
    line.place.form = WireForm::rtu;
    line.place.line = settings;
    line.place.bus = bus.name;
    line.place.tcp = !bus.endpoints.empty();
    if (bus.pty) {
        line.link = absolute_path(*bus.pty);
        line.pty = std::make_unique<PtyPort>(loop_, *line.link, bus.baud, *line.place.seat);
        line.shown.push_back(
            {std::string{line.place.seat->protocol()}, OpenEndpoint::Kind::pty, *line.link});
    }
    for (const EndpointPlan& endpoint : bus.endpoints)
        line.ports.push_back(
            open_port(endpoint, bus.name, line.place.seat, line.shown.emplace_back()));
}

// What one meter has ------------------------------------------------------------------------------

FarmServer::Opening FarmServer::opening(const MeterPlan& plan, std::size_t endpoint,
                                        Ports ports) const {
    Opening out{plan.endpoints[endpoint], plan.endpoints[endpoint]};
    const auto had = free_ports_.find({plan.spec.name, endpoint});
    if (ports == Ports::as_before && had != free_ports_.end() && out.plan.at.port == 0)
        out.as.at.port = had->second;
    return out;
}

void FarmServer::remember(const MeterPlan& plan, std::size_t endpoint, const Port& port) {
    if (port.listener && plan.endpoints[endpoint].at.port == 0)
        free_ports_[{plan.spec.name, endpoint}] = port.listener->endpoint().port;
}

void FarmServer::open(Served& served, const MeterPlan& plan, Ports ports) {
    for (std::size_t n = 0; n < plan.endpoints.size(); ++n)
        if (const EndpointPlan& endpoint = plan.endpoints[n];
            endpoint.protocol == WireProtocol::modbus_tcp && !endpoint.connects) {
            Gateway& behind = gateway(opening(plan, n, ports));
            remember(plan, n, behind.port);
            for (UnitEndpoints& unit : served.units) {
                behind.meters->units().units.push_back({unit.circuit, unit.unit_shift});
                behind.place.units.push_back({0, unit.circuit, unit.unit_shift});
                unit.endpoints.push_back(behind.shown);
                if (!unit.modbus_tcp)
                    unit.modbus_tcp = behind.port.listener->endpoint();
            }
            behind.settle();
        }
    for (std::size_t n = 0; n < plan.endpoints.size(); ++n)
        if (const EndpointPlan& endpoint = plan.endpoints[n];
            endpoint.protocol != WireProtocol::modbus_tcp || endpoint.connects) {
            open_own(served, plan, opening(plan, n, ports).as);
            remember(plan, n, served.own.back().port);
        }
    for (const std::string& bus : plan.buses) {
        Line& line = lines_.at(bus);
        for (UnitEndpoints& unit : served.units) {
            line.meters->add(*unit.circuit);
            line.place.units.push_back({0, unit.circuit, 0});
            if (!unit.pty)
                unit.pty = line.link;
            unit.endpoints.insert(unit.endpoints.end(), line.shown.begin(), line.shown.end());
            if (!line.shown.empty())
                unit.lines.push_back(line.shown.front().where);
        }
    }
    if (plan.mqtt) {
        std::vector<std::size_t> circuits;
        for (UnitEndpoints& unit : served.units) {
            circuits.push_back(unit.number);
            unit.uploads = true;
        }
        radios_.add(*served.meter, plan, std::move(circuits));
    }
}

FarmServer::Gateway& FarmServer::gateway(const Opening& opening) {
    const EndpointPlan& endpoint = opening.plan;
    const auto there = gateways_.find(endpoint.at);
    if (there != gateways_.end() && there->second.shared)
        return there->second;
    const auto line = std::make_shared<std::string>();
    ModbusUnits units;
    units.watch = watch_on(line);
    Gateway fresh;
    fresh.shared = endpoint.at.port != 0;
    fresh.meters = std::make_shared<ModbusTcp>(std::move(units));
    fresh.place.seat = std::make_shared<FaultSeat>(fresh.meters);
    fresh.port = open_port(opening.as, {}, fresh.place.seat, fresh.shown);
    *line = fresh.shown.where;
    const Endpoint at = fresh.shared ? endpoint.at : fresh.port.listener->endpoint();
    return gateways_.insert_or_assign(at, std::move(fresh)).first->second;
}

void FarmServer::open_own(Served& served, const MeterPlan& plan, const EndpointPlan& endpoint) {
    Own own;
    const auto line = std::make_shared<std::string>();
    std::shared_ptr<ByteServiceFactory> service;
    if (endpoint.protocol == WireProtocol::modbus_rtu) {
        const LineSettings settings = line_settings_of(*served.units.front().circuit);
        own.place.form = WireForm::rtu;
        own.place.line = settings;
        std::vector<Circuit*> circuits;
        for (const UnitEndpoints& unit : served.units)
            circuits.push_back(unit.circuit);
        service = std::make_shared<SharedLine>(
            settings, std::make_unique<RtuMeters>(settings, circuits, watch_on(line)));
    } else {
        ModbusUnits units;
        units.watch = watch_on(line);
        for (const UnitEndpoints& unit : served.units)
            units.units.push_back({unit.circuit, unit.unit_shift});
        settle_any(units);
        service = std::make_shared<ModbusTcp>(std::move(units));
    }
    OpenEndpoint shown;
    own.place.seat = std::make_shared<FaultSeat>(std::move(service));
    for (const UnitEndpoints& unit : served.units)
        own.place.units.push_back(
            {0, unit.circuit, own.place.form == WireForm::tcp ? unit.unit_shift : 0});
    own.port = open_port(endpoint, plan.spec.name, own.place.seat, shown);
    *line = shown.where;
    served.own.push_back(std::move(own));
    for (UnitEndpoints& unit : served.units)
        unit.endpoints.push_back(shown);
}

void FarmServer::close(Served& served) {
    const auto is_its = [&](const ModbusUnits::Unit& unit) {
        return &unit.circuit->meter() == served.meter.get();
    };
    const auto is_in_place = [&](const WirePlace::Unit& unit) {
        return &unit.circuit->meter() == served.meter.get();
    };
    for (auto each = gateways_.begin(); each != gateways_.end();) {
        Gateway& gateway = each->second;
        std::vector<ModbusUnits::Unit>& units = gateway.meters->units().units;
        std::erase_if(gateway.place.units, is_in_place);
        if (std::erase_if(units, is_its) > 0 && !units.empty())
            gateway.settle();
        if (units.empty()) {
            closed_ += gateway.port.traffic();
            closed_ += gateway.place.seat->traffic();
            each = gateways_.erase(each);
        } else {
            ++each;
        }
    }
    for (const Own& own : served.own) {
        closed_ += own.port.traffic();
        closed_ += own.place.seat->traffic();
    }
    served.own.clear();
    for (auto& [name, line] : lines_)
        std::erase_if(line.place.units, is_in_place);
    for (UnitEndpoints& unit : served.units)
        for (auto& [name, line] : lines_)
            line.meters->remove(*unit.circuit);
    radios_.remove(served.units.front().number);
}

// All of them -------------------------------------------------------------------------------------

std::span<const UnitEndpoints> FarmServer::units_of(std::size_t meter) const {
    return served_[meter].units;
}

const UnitEndpoints* FarmServer::sender(const Message& message) const {
    const UnitEndpoints& unit =
        served_[message.meter].units[static_cast<std::size_t>(message.circuit)];
    return radios_.sends(unit.number) ? &unit : nullptr;
}

std::vector<std::vector<std::size_t>> FarmServer::circuit_numbers() const {
    std::vector<std::vector<std::size_t>> all;
    for (const Served& served : served_) {
        all.emplace_back();
        for (const UnitEndpoints& unit : served.units)
            all.back().push_back(unit.number);
    }
    return all;
}

std::vector<WirePlace> FarmServer::places() const {
    std::map<const Circuit*, std::size_t> meter_of;
    for (std::size_t n = 0; n < served_.size(); ++n)
        for (const UnitEndpoints& unit : served_[n].units)
            meter_of[unit.circuit] = n;
    std::vector<WirePlace> all;
    each_place([&](const WirePlace& place) {
        for (WirePlace::Unit& unit : all.emplace_back(place).units)
            unit.meter = meter_of.at(unit.circuit);
    });
    return all;
}

Traffic FarmServer::traffic_of_ports() const {
    Traffic sum = closed_;
    each_port([&](const Port& port) { sum += port.traffic(); });
    each_place([&](const WirePlace& place) { sum += place.seat->traffic(); });
    return sum;
}

Traffic FarmServer::traffic() const {
    Traffic sum = traffic_of_ports();
    sum += radios_.traffic();
    return sum;
}

std::size_t FarmServer::tcp_connections() const {
    std::size_t sum = 0;
    each_port([&](const Port& port) { sum += port.connections(); });
    return sum;
}

void FarmServer::close(std::function<void()> done) {
    closed_ = traffic_of_ports();
    gateways_.clear();
    lines_.clear();
    for (Served& served : served_)
        served.own.clear();
    radios_.close(std::move(done));
}

} // namespace kpmsim
