#include "cli/play/scenario_clients.hpp"

#include "servers/client/client_group.hpp"
#include "servers/client/modbus_master.hpp"
#include "servers/client/mqtt_commander.hpp"
#include "servers/client/mqtt_subscriber.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace kpmsim {
namespace {

Ledger::Plan books_of(const ClientPlan& plan) {
    Ledger::Plan books;
    books.counter = plan.books;
    return books;
}

/// The connections that it needs: over one line, or to each meter's own way.
std::map<const WirePlace*, std::vector<std::size_t>>
ways_of(const ClientPlan& plan, const FarmPlan& farm, const SimulatedWires& wires) {
    std::map<const WirePlace*, std::vector<std::size_t>> ways;
    for (const std::size_t meter : plan.meters) {
        const MeterPlan& of = farm.meters[meter];
        const std::string bus = plan.line                             ? farm.buses[*plan.line].name
                                : of.buses.empty() || of.modbus_tcp() ? std::string{}
                                                                      : of.buses.front();
        const WirePlace* const line = wires.line(bus);
        ways[line != nullptr ? line : &wires.port(meter)].push_back(meter);
    }
    return ways;
}

std::unique_ptr<SimulatedClient> master(const ClientPlan& plan, const Farm& farm,
                                        const WirePlace& place, ByteServiceFactory& way,
                                        const std::vector<std::size_t>& meters) {
    MasterPlan master;
    master.name = plan.name;
    master.form = place.form;
    master.line = place.line;
    for (const WirePlace::Unit& unit : place.units) {
        if (std::find(meters.begin(), meters.end(), unit.meter) == meters.end())
            continue;
        const Meter& meter = unit.circuit->meter();
        master.units.push_back({meter.spec().name, unit.circuit->index(), unit.id(), &meter.type(),
                                meter.word_order(), meter.max_read_words()});
    }
    master.points = plan.points;
    master.blocks = plan.blocks;
    master.from = std::max(plan.from, farm.now());
    master.every = plan.every;
    master.timeout = plan.timeout;
    master.retries = plan.retries;
    master.books = books_of(plan);
    master.mistakes = plan.mistakes;
    return std::make_unique<ModbusMaster>(std::move(master), way);
}

std::unique_ptr<SimulatedClient> subscriber(const ClientPlan& plan, Farm& farm) {
    SubscriberPlan listener;
    listener.name = plan.name;
    listener.every = plan.every;
    listener.books = books_of(plan);
    listener.mistakes = plan.mistakes;
    for (const std::size_t m : plan.meters)
        for (const Circuit& circuit : farm.meters()[m].circuits())
            listener.senders.push_back(
                {circuit.serial(), circuit.meter().spec().name, circuit.index(), &circuit.type()});
    return std::make_unique<MqttSubscriber>(std::move(listener));
}

std::unique_ptr<SimulatedClient> commander(const ClientPlan& plan, Farm& farm) {
    std::vector<CommandOrder> orders;
    for (const CommandPlan& each : plan.orders) {
        Circuit& circuit =
            farm.meters()[each.meter].circuits()[static_cast<std::size_t>(each.circuit)];
        const std::string id = circuit.serial();
        orders.push_back({std::max(each.at, farm.now()), &circuit,
                          fmt::format("MQTT_{}_{}", each.command,
                                      id.substr(id.size() - std::min<std::size_t>(id.size(), 8))),
                          each.payload});
    }
    return std::make_unique<MqttCommander>(plan.name, std::move(orders));
}

} // namespace

ScenarioClients::ScenarioClients(const std::vector<ClientPlan>& plans, Farm& farm, Actions& actions,
                                 RunTrace* trace)
    : actions_{actions}, wires_{farm}, faults_{actions, farm}, now_{farm.now()} {
    std::size_t circuits = 0;
    std::vector<std::vector<std::size_t>> of_meters;
    for (const Meter& meter : farm.meters()) {
        first_circuit_.push_back(circuits);
        of_meters.emplace_back();
        for (std::size_t n = 0; n < meter.circuits().size(); ++n)
            of_meters.back().push_back(circuits++);
    }
    faults_.follow(wires_.places(), std::move(of_meters));
    held_.resize(circuits);
    FarmFaults::Hooks hooks;
    hooks.hold = [this](std::size_t circuit, bool held) { held_[circuit] = held; };
    hooks.lose_supply = [this](std::size_t circuit) { held_[circuit] = true; };
    hooks.leave_retained = [this](std::size_t circuit, const std::string& topic,
                                  const std::string& payload) {
        hand_on({{now_.time_since_epoch(), circuit, topic, payload}});
    };
    faults_.set(std::move(hooks));
    if (trace != nullptr)
        tap(farm, *trace);
    for (const ClientPlan& plan : plans)
        clients_.push_back(client_of(plan, farm, trace));
    faults_.look(now_);
    faults_.sent();
    actions_.on_change([this] { faults_.look(now_); });
}

void ScenarioClients::tap(const Farm& farm, RunTrace& trace) {
    for (const WirePlace& place : wires_.places()) {
        const std::size_t wire = trace.wires.size();
        const MeterPlan& first = farm.plan().meters[place.units.front().meter];
        trace.wires.push_back({place.bus.empty() ? first.spec.name + ", Modbus-TCP" : place.bus,
                               place.form == WireForm::rtu});
        taps_.emplace(std::piecewise_construct, std::forward_as_tuple(&place),
                      std::forward_as_tuple(place.seat, wire, trace.bytes));
    }
}

ByteServiceFactory& ScenarioClients::way_to(const WirePlace& place) {
    const auto tapped = taps_.find(&place);
    return tapped == taps_.end() ? static_cast<ByteServiceFactory&>(*place.seat) : tapped->second;
}

std::unique_ptr<SimulatedClient> ScenarioClients::client_of(const ClientPlan& plan, Farm& farm,
                                                            RunTrace* trace) {
    if (plan.commands)
        return commander(plan, farm);
    if (plan.mqtt)
        return subscriber(plan, farm);
    std::vector<std::unique_ptr<SimulatedClient>> parts;
    const auto ways = ways_of(plan, farm.plan(), wires_);
    for (const WirePlace& place : wires_.places()) { // in their order, not in that of addresses
        const auto meters = ways.find(&place);
        if (meters == ways.end())
            continue;
        parts.push_back(master(plan, farm, place, way_to(place), meters->second));
        if (trace != nullptr && place.form == WireForm::rtu)
            for (const std::size_t meter : meters->second)
                trace->lines[{plan.name, farm.plan().meters[meter].spec.name}] = {
                    place.bus, seconds(place.line.characters(1))};
    }
    if (parts.size() == 1)
        return std::move(parts.front());
    return std::make_unique<ClientGroup>(plan.name, std::move(parts));
}

ScenarioClients::~ScenarioClients() { actions_.on_change({}); }

SimTime ScenarioClients::next_event() const {
    SimTime next = faults_.next_change(now_);
    for (const auto& client : clients_)
        next = std::min(next, client->next_event());
    return next;
}

void ScenarioClients::hear(const Message& message) {
    const std::size_t circuit =
        first_circuit_[message.meter] + static_cast<std::size_t>(message.circuit);
    faults_.let_go(message.meter);
    if (is_cut_off(circuit))
        return;
    const UploadOnWay sent{message.at.time_since_epoch(), circuit, message.topic, message.payload};
    UploadFaults& faults = faults_.uploads();
    if (faults.idle())
        return hand_on({sent});
    std::vector<UploadOnWay> out;
    faults.take(sent, out);
    hand_on(out);
}

void ScenarioClients::advance(SimTime to) {
    for (bool more = true; more;) {
        const SimTime change = faults_.next_change(now_);
        const SimTime stop = std::min(to, change);
        more = stop < to;
        std::vector<UploadOnWay> out;
        faults_.uploads().advance(stop.time_since_epoch(), out);
        std::erase_if(out, [&](const UploadOnWay& late) { return faults_.is_down(late.client); });
        hand_on(out);
        if (change <= to)
            faults_.look(stop);
        now_ = stop;
        for (const auto& client : clients_)
            client->advance(stop);
    }
    faults_.look(to); // meters whose supply is back …
    faults_.sent();   // … or away
}

void ScenarioClients::hand_on(const std::vector<UploadOnWay>& messages) {
    for (const UploadOnWay& message : messages)
        for (const auto& client : clients_)
            client->hear(SimTime{message.at}, message.topic, message.payload);
}

const SimulatedClient* ScenarioClients::find(const std::string& name) const {
    const auto at = std::find_if(clients_.begin(), clients_.end(),
                                 [&](const auto& one) { return one->name() == name; });
    return at == clients_.end() ? nullptr : at->get();
}

} // namespace kpmsim
