#include "cli/control/farm_events.hpp"

#include "cli/control/farm_actions.hpp"
#include "files/json_text.hpp"
#include "files/name_pattern.hpp"
#include "servers/api/near_miss.hpp"
#include "sim/iso_time.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

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
        entry.spec = spec_of(circuit->meter());
    } else {
        entry.elsewhere = unit_elsewhere(unit);
    }
    const JournalEntry& kept = journal_.add(std::move(entry));
    if (tell_request_)
        tell_request_(kept);
    if (hub_.wanted("requests"))
        hub_.tell("requests", kept.meter, journal_text(kept, farm_.plan().start));
}

/// As long as no meter comes or goes, all entries of one share it.
std::shared_ptr<const MeterSpec> FarmEvents::spec_of(const Meter& meter) {
    if (std::exchange(specs_of_, server_.followed()) != server_.followed())
        specs_.clear();
    std::shared_ptr<const MeterSpec>& kept = specs_[&meter];
    if (!kept)
        kept = std::make_shared<const MeterSpec>(meter.spec());
    return kept;
}

/// Of the first meter that has the unit, on whatever line.
std::string FarmEvents::unit_elsewhere(int unit) const {
    for (const UnitEndpoints* one : server_.units()) {
        if (one->modbus_tcp && one->unit() == unit)
            return near_unit(unit, one->name(), to_text(*one->modbus_tcp));
        if (!one->lines.empty() && one->circuit->address() == unit)
            return near_unit(unit, one->name(), one->lines.front());
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
                if (const auto id = find_fitted(meter.spec(), name))
                    json["points"][name] = meter.type().points[*id].text
                                               ? Json(circuit.text(*id))
                                               : Json(circuit.number(*id));
            hub_.tell(who, "readings", json_text(std::move(json), -1));
        }
    }
}

void FarmEvents::tell_relays() {
    if (!hub_.wanted("relays"))
        return;
    for (const Farm::MeterMove& move : farm_.relay_moves()) {
        const std::string& meter = farm_.meters()[move.meter].spec().name;
        Json json = moment_json(farm_, move.relay.at);
        json["meter"] = meter;
        json["relay"] = move.relay.relay + 1;
        json["closed"] = move.relay.closed;
        hub_.tell("relays", meter, json_text(std::move(json), -1));
    }
}

void FarmEvents::tell_overloads() {
    for (const Overloaded& one : overloads_.look(farm_)) {
        const std::string& meter = farm_.meters()[one.meter].spec().name;
        Json json = moment_json(farm_, farm_.now());
        json["meter"] = meter;
        json["circuit"] = one.circuit + 1;
        json["inputs"] = one.inputs;
        json["since"] = iso_text(one.since);
        hub_.tell("overloads", meter, json_text(std::move(json), -1));
    }
}

FarmEvents::Heard FarmEvents::stage_of(const ToldAction& told) const {
    const SimTime now = farm_.now();
    if (told.over(now))
        return Heard::ended;
    return told.from <= now ? Heard::started : Heard::planned;
}

void FarmEvents::tell_action(const ToldAction& told, Heard what) {
    const CivilTime start = farm_.plan().start;
    const auto text = [&](SimTime at) { return moment_text(start, at); };
    const SimTime at = what == Heard::planned   ? told.told
                       : what == Heard::started ? told.from
                                                : *told.until;
    Json json{{"what", what == Heard::planned   ? "planned"
                       : what == Heard::started ? "started"
                                                : "ended"},
              {"id", id_text(told)},
              {"kind", told.kind},
              {"at", text(at)},
              {"from", text(told.from)},
              {"until", told.until ? Json(text(*told.until)) : Json(nullptr)},
              {"supplies", Json::array()},
              {"lines", Json::array()},
              {"meters", Json::array()}};
    std::vector<std::string> meters;
    if (const auto action = actions_->read(told)) {
        for (const std::size_t n : action->supplies)
            json["supplies"].push_back(farm_.plan().supplies[n].name);
        for (const std::size_t n : action->lines)
            json["lines"].push_back(farm_.plan().buses[n].name);
        for (const CircuitPlace& place : action->circuits)
            if (const std::string& name = farm_.plan().meters[place.meter].spec.name;
                meters.empty() || meters.back() != name)
                meters.push_back(name);
    }
    json["meters"] = meters;
    hub_.tell("actions", meters, json_text(std::move(json), -1));
}

void FarmEvents::tell_actions() {
    if (actions_ == nullptr)
        return;
    const std::vector<ToldAction>& all = actions_->all();
    if (std::exchange(restored_, actions_->restored()) != actions_->restored()) {
        heard_.clear(); // what was before is no news
        for (const ToldAction& told : all)
            heard_.push_back(stage_of(told));
        return;
    }
    struct News {
        SimTime at;
        const ToldAction* told;
        Heard what;
    };
    std::vector<News> news;
    heard_.resize(all.size(), Heard::nothing);
    for (std::size_t n = 0; n < all.size(); ++n) {
        const Heard stage = stage_of(all[n]);
        if (stage == heard_[n])
            continue;
        // What was ended before it had begun never started.
        const bool began = !all[n].ended || *all[n].until >= all[n].from;
        if (heard_[n] == Heard::nothing && all[n].from > all[n].told)
            news.push_back({all[n].told, &all[n], Heard::planned});
        if (heard_[n] < Heard::started && stage >= Heard::started && began)
            news.push_back({all[n].from, &all[n], Heard::started});
        if (stage == Heard::ended)
            news.push_back({*all[n].until, &all[n], Heard::ended});
        heard_[n] = stage;
    }
    std::stable_sort(news.begin(), news.end(),
                     [](const News& a, const News& b) { return a.at < b.at; });
    if (hub_.wanted("actions"))
        for (const News& each : news)
            tell_action(*each.told, each.what);
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
    tell_actions();
    if (hub_.size() == 0)
        return;
    tell_relays();
    tell_overloads();
    tell_of_time();
}

} // namespace kpmsim
