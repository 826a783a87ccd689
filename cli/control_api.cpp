#include "cli/control_api.hpp"

#include "files/json_text.hpp"
#include "files/name_pattern.hpp"
#include "scenarios/farm/by_meter.hpp"
#include "servers/api/near_miss.hpp"
#include "servers/net/asio.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kpmsim {

namespace {

using Json = nlohmann::ordered_json;

Json moment_json(const Farm& farm, SimTime at) {
    return {{"now", iso_text(civil_time(farm.plan().start, at))},
            {"elapsed", static_cast<double>(at.time_since_epoch().count()) / 1e9}};
}

} // namespace

struct ControlApi::Parts {
    Farm& farm;
    FarmServer& server;
    Journal journal;
    EventHub events;
    FarmControl control;
    ApiRoom room;
    ApiListener listener;
    ByMeter<std::vector<std::uint8_t>> relays; ///< as last told

    Parts(EventLoop& loop, const Endpoint& endpoint, const std::string& token, Farm& f,
          FarmServer& s, Runner& runner, Actions& actions)
        : farm{f}, server{s},
          // After the answer is on its way.
          control{f, s, runner, actions,
                  [&loop, &runner] { boost::asio::post(loop, [&runner] { runner.stop(); }); }},
          room{control, journal, events, 0}, listener{loop, endpoint, options_with(token),
                                                      [this](ApiRequest request, ApiReply reply) {
                                                          serve(room, std::move(request),
                                                                std::move(reply));
                                                      },
                                                      body_limit} {}

    static ApiListenerOptions options_with(const std::string& token) {
        ApiListenerOptions options;
        options.token = token;
        return options;
    }

    void asked(const std::string& line, int unit, const Circuit* circuit,
               std::span<const std::uint8_t> request, std::span<const std::uint8_t> answer) {
        JournalEntry entry;
        entry.at = farm.now();
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
        const JournalEntry& kept = journal.add(std::move(entry));
        if (events.wanted("requests"))
            events.tell("requests", kept.meter, journal_text(kept, farm.plan().start));
    }

    /// Of the first meter that has the unit, on whatever line.
    std::string unit_elsewhere(int unit) const {
        for (const UnitEndpoints* one : server.units()) {
            if (one->modbus_tcp && one->unit() == unit)
                return near_unit(unit, one->name(), to_text(*one->modbus_tcp));
            if (!one->line.empty() && one->circuit->address() == unit)
                return near_unit(unit, one->name(), one->line);
        }
        return {};
    }

    void tell_of_time() {
        const SimTime now = farm.now();
        for (Listener* one : events.due(now)) {
            if (one->kinds.contains("time"))
                events.tell(*one, "time", json_text(moment_json(farm, now), -1));
            if (one->kinds.contains("readings"))
                tell_readings(*one);
        }
    }

    void tell_readings(Listener& who) {
        for (Meter& meter : farm.meters()) {
            if (!who.meter.empty() && !fits(meter.spec().name, who.meter))
                continue;
            for (const Circuit& circuit : meter.circuits()) {
                Json json = moment_json(farm, circuit.state().at);
                json["meter"] = meter.spec().name;
                json["circuit"] = circuit.index() + 1;
                json["points"] = Json::object();
                for (const std::string& name : who.names)
                    if (const auto id = meter.type().points.find(name))
                        json["points"][name] = meter.type().points[*id].text
                                                   ? Json(circuit.text(*id))
                                                   : Json(circuit.number(*id));
                events.tell(who, "readings", json_text(std::move(json), -1));
            }
        }
    }

    void tell_relays() {
        relays.follow(farm);
        for (std::size_t n = 0; n < relays.size(); ++n) {
            const Meter& meter = farm.meters()[n];
            const auto& shown = meter.image().memory.relays;
            if (relays[n] == shown)
                continue;
            for (std::size_t relay = 0; relay < shown.size(); ++relay) {
                if (relay >= relays[n].size() || relays[n][relay] == shown[relay])
                    continue;
                Json json = moment_json(farm, farm.now());
                json["meter"] = meter.spec().name;
                json["relay"] = relay + 1;
                json["closed"] = shown[relay] != 0;
                events.tell("relays", meter.spec().name, json_text(std::move(json), -1));
            }
            relays[n] = shown;
        }
    }
};

ControlApi::ControlApi(EventLoop& loop, const Endpoint& endpoint, const std::string& token,
                       Farm& farm, FarmServer& server, Runner& runner, Actions& actions)
    : parts_{std::make_unique<Parts>(loop, endpoint, token, farm, server, runner, actions)} {
    server.on_request([this](const std::string& line, int unit, const Circuit* circuit,
                             std::span<const std::uint8_t> request,
                             std::span<const std::uint8_t> answer) {
        parts_->asked(line, unit, circuit, request, answer);
    });
}

ControlApi::~ControlApi() { parts_->server.on_request(nullptr); }

std::string ControlApi::url() const { return "http://" + to_text(parts_->listener.endpoint()); }

void ControlApi::upload(const UnitEndpoints& unit, const Message& message) {
    Parts& p = *parts_;
    JournalEntry entry;
    entry.kind = JournalEntry::Kind::upload;
    entry.at = message.at;
    entry.meter = unit.circuit->meter().spec().name;
    entry.circuit = unit.circuit->index() + 1;
    entry.line = "mqtt";
    entry.topic = message.topic;
    entry.payload = message.payload;
    const JournalEntry& kept = p.journal.add(std::move(entry));
    if (p.events.wanted("uploads"))
        p.events.tell("uploads", kept.meter, journal_text(kept, p.farm.plan().start));
}

void ControlApi::published() {
    Parts& p = *parts_;
    if (p.events.size() == 0) {
        p.relays = {}; // nobody has missed a change
        return;
    }
    p.tell_relays();
    p.tell_of_time();
}

void ControlApi::judged_by(ExpectationsPort& expectations) {
    parts_->control.judged_by(&expectations);
}

void ControlApi::close(std::function<void()> done) {
    parts_->events.close();
    parts_->listener.close(std::move(done));
}

} // namespace kpmsim
