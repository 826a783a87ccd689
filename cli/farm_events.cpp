#include "cli/farm_events.hpp"

#include "files/json_text.hpp"
#include "files/name_pattern.hpp"
#include "servers/api/near_miss.hpp"

#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

using Json = nlohmann::ordered_json;

Json moment_json(const Farm& farm, SimTime at) {
    return {{"now", iso_text(civil_time(farm.plan().start, at))},
            {"elapsed", static_cast<double>(at.time_since_epoch().count()) / 1e9}};
}

} // namespace

FarmEvents::FarmEvents(Farm& farm, FarmServer& server) : farm_{farm}, server_{server} {
    server.on_request([this](const std::string& line, int unit, const Circuit* circuit,
                             std::span<const std::uint8_t> request,
                             std::span<const std::uint8_t> answer) {
        asked(line, unit, circuit, request, answer);
    });
}

FarmEvents::~FarmEvents() { server_.on_request(nullptr); }

void FarmEvents::add(EventLoop& loop, const HookPlan& hook) {
    HookOptions options;
    options.server = hook.url.server;
    options.host = hook.url.host;
    options.path = hook.url.path;
    Listener listener;
    listener.sink = hooks_.emplace_back(std::make_shared<Hook>(loop, std::move(options)));
    listener.kinds.insert(hook.kinds.begin(), hook.kinds.end());
    listener.meter = hook.meter;
    listener.names = hook.names.empty() ? usual_readings() : hook.names;
    listener.every = hook.every;
    listener.next = farm_.now();
    hub_.add(std::move(listener));
}

std::uint64_t FarmEvents::posted() const {
    std::uint64_t sum = 0;
    for (const auto& hook : hooks_)
        sum += hook->sent();
    return sum;
}

std::size_t FarmEvents::waiting() const {
    std::size_t sum = 0;
    for (const auto& hook : hooks_)
        sum += hook->waiting();
    return sum;
}

std::uint64_t FarmEvents::lost() const {
    std::uint64_t sum = 0;
    for (const auto& hook : hooks_)
        sum += hook->lost();
    return sum;
}

void FarmEvents::asked(const std::string& line, int unit, const Circuit* circuit,
                       std::span<const std::uint8_t> request,
                       std::span<const std::uint8_t> answer) {
    JournalEntry entry;
    entry.at = farm_.now();
    entry.line = line;
    entry.unit = unit;
    entry.request.assign(request.begin(), request.end());
    entry.answer.assign(answer.begin(), answer.end());
    if (circuit != nullptr) {
        entry.meter = circuit->meter().spec().name;
        entry.circuit = circuit->index() + 1;
        entry.type = &circuit->type();
    } else {
        entry.elsewhere = unit_elsewhere(unit);
    }
    const JournalEntry& kept = journal_.add(std::move(entry));
    if (tell_request_)
        tell_request_(kept);
    if (hub_.wanted("requests"))
        hub_.tell("requests", kept.meter, journal_text(kept, farm_.plan().start));
}

/// Of the first meter that has the unit, on whatever line.
std::string FarmEvents::unit_elsewhere(int unit) const {
    for (const UnitEndpoints* one : server_.units()) {
        if (one->modbus_tcp && one->unit() == unit)
            return near_unit(unit, one->name(), to_text(*one->modbus_tcp));
        if (!one->line.empty() && one->circuit->address() == unit)
            return near_unit(unit, one->name(), one->line);
    }
    return {};
}

void FarmEvents::tell_of_time() {
    const SimTime now = farm_.now();
    for (Listener* one : hub_.due(now)) {
        if (one->kinds.contains("time"))
            hub_.tell(*one, "time", json_text(moment_json(farm_, now), -1));
        if (one->kinds.contains("readings"))
            tell_readings(*one);
    }
}

void FarmEvents::tell_readings(Listener& who) {
    for (Meter& meter : farm_.meters()) {
        if (!who.meter.empty() && !fits(meter.spec().name, who.meter))
            continue;
        for (const Circuit& circuit : meter.circuits()) {
            Json json = moment_json(farm_, circuit.state().at);
            json["meter"] = meter.spec().name;
            json["circuit"] = circuit.index() + 1;
            json["points"] = Json::object();
            for (const std::string& name : who.names)
                if (const auto id = meter.type().points.find(name))
                    json["points"][name] = meter.type().points[*id].text
                                               ? Json(circuit.text(*id))
                                               : Json(circuit.number(*id));
            hub_.tell(who, "readings", json_text(std::move(json), -1));
        }
    }
}

void FarmEvents::tell_relays() {
    relays_.follow(farm_);
    for (std::size_t n = 0; n < relays_.size(); ++n) {
        const Meter& meter = farm_.meters()[n];
        const auto& shown = meter.image().memory.relays;
        if (relays_[n] == shown)
            continue;
        for (std::size_t relay = 0; relay < shown.size(); ++relay) {
            if (relay >= relays_[n].size() || relays_[n][relay] == shown[relay])
                continue;
            Json json = moment_json(farm_, farm_.now());
            json["meter"] = meter.spec().name;
            json["relay"] = relay + 1;
            json["closed"] = shown[relay] != 0;
            hub_.tell("relays", meter.spec().name, json_text(std::move(json), -1));
        }
        relays_[n] = shown;
    }
}

void FarmEvents::upload(const UnitEndpoints& unit, const Message& message) {
    JournalEntry entry;
    entry.kind = JournalEntry::Kind::upload;
    entry.at = message.at;
    entry.meter = unit.circuit->meter().spec().name;
    entry.circuit = unit.circuit->index() + 1;
    entry.line = "mqtt";
    entry.topic = message.topic;
    entry.payload = message.payload;
    const JournalEntry& kept = journal_.add(std::move(entry));
    if (hub_.wanted("uploads"))
        hub_.tell("uploads", kept.meter, journal_text(kept, farm_.plan().start));
}

void FarmEvents::published() {
    if (hub_.size() == 0) {
        relays_ = {}; // nobody has missed a change
        return;
    }
    tell_relays();
    tell_of_time();
}

} // namespace kpmsim
