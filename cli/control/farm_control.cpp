#include "cli/control/farm_control.hpp"

#include "cli/control/farm_events.hpp"
#include "cli/serve/descriptor_limit.hpp"
#include "cli/serve/kept_farm.hpp"
#include "cli/terminal/version.hpp"
#include "files/json_node.hpp"
#include "files/path.hpp"
#include "scenarios/file/condition.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {

namespace {

ApiFarm facts_of(const FarmPlan& plan, const FarmServer& server) {
    ApiFarm facts;
    facts.version = version_number();
    facts.commit = version_commit();
    facts.file = plan.file;
    facts.fidelity = name_of(plan.fidelity);
    facts.seed = plan.seed;
    facts.start = plan.start;
    for (const SupplyPlan& supply : plan.supplies)
        facts.supplies.push_back(supply.name);
    for (const LoadPlan& load : plan.loads)
        facts.loads.push_back(load.name);
    for (const BusPlan& bus : plan.buses) {
        ApiLine line{bus.name, {}, bus.baud, bus.format, {}};
        if (bus.pty)
            line.pty = absolute_path(*bus.pty);
        for (const MeterPlan& meter : plan.meters)
            if (meter.is_on(bus.name))
                line.meters.push_back(meter.spec.name);
        facts.lines.push_back(std::move(line));
    }
    if (const auto broker = server.radios().broker())
        facts.broker = to_text(*broker);
    facts.cycle_hz = plan.supplies.front().spec.f_hz;
    return facts;
}

} // namespace

FarmControl::FarmControl(Farm& farm, FarmServer& server, Runner& runner, Actions& actions,
                         FarmEvents& events, std::function<void()> shut_down)
    : farm_{farm}, server_{server}, runner_{runner}, actions_{actions}, events_{events},
      port_{actions, farm, [&events] { events.tell_actions(); }},
      shut_down_{std::move(shut_down)}, start_{actions.save()} {
    events_.follow(actions);
    list_meters();
}

void FarmControl::list_meters() {
    facts_ = facts_of(farm_.plan(), server_);
    places_.clear();
    for (std::size_t n = 0; n < farm_.plan().meters.size(); ++n)
        places_[farm_.plan().meters[n].spec.name] = n;
}

ApiMeter FarmControl::describe(std::size_t n) const {
    const MeterPlan& plan = farm_.plan().meters[n];
    ApiMeter meter{plan.spec.name, plan.spec.type->name, plan.supply, {}, {}};
    for (const UnitEndpoints& unit : server_.units_of(n)) {
        const auto index = static_cast<std::size_t>(unit.circuit->index());
        meter.loads.push_back(plan.loads[index]);
        ApiUnit shown{unit.circuit, unit.unit(), {}, unit.pty, {}, {}};
        for (const OpenEndpoint& endpoint : unit.endpoints)
            shown.endpoints.push_back(
                {endpoint.protocol, std::string{name_of(endpoint.kind)}, endpoint.where});
        if (unit.modbus_tcp)
            shown.modbus_tcp = to_text(*unit.modbus_tcp);
        if (unit.uploads)
            shown.mqtt_id = unit.circuit->serial();
        meter.units.push_back(std::move(shown));
    }
    return meter;
}

std::vector<ApiMeter> FarmControl::meters() const {
    std::vector<ApiMeter> list;
    for (std::size_t n = 0; n < farm_.plan().meters.size(); ++n)
        list.push_back(describe(n));
    return list;
}

std::optional<ApiMeter> FarmControl::meter(const std::string& name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? std::nullopt : std::optional{describe(found->second)};
}

std::vector<std::string> FarmControl::meter_names() const {
    std::vector<std::string> names;
    for (const auto& [name, place] : places_)
        names.push_back(name);
    return names;
}

std::optional<Fault> FarmControl::stands_still() const {
    return kept_ == nullptr ? std::nullopt : kept_->try_to_write();
}

std::vector<ApiMetric> FarmControl::metrics() const {
    const Traffic t = server_.traffic();
    const auto counter = [](const char* name, const char* help, std::uint64_t value) {
        return ApiMetric{name, help, true, static_cast<double>(value)};
    };
    const auto gauge = [](const char* name, const char* help, double value) {
        return ApiMetric{name, help, false, value};
    };
    return {
        gauge("meters", "Meters of the farm.", static_cast<double>(places_.size())),
        gauge("simulated_seconds", "Simulated time since the farm's start.",
              seconds(farm_.now().time_since_epoch())),
        gauge("state_stands",
              "1 while the farm stands still, for its state cannot be written; else 0.",
              stands_still() ? 1 : 0),
        counter("modbus_requests_total", "Modbus requests answered, exceptions included.",
                t.requests),
        counter("modbus_exceptions_total", "Modbus requests answered with an exception.",
                t.exceptions),
        counter("modbus_broadcasts_total", "Modbus broadcasts carried out.", t.broadcasts),
        counter("modbus_other_units_total", "Modbus requests for a unit that is not here.",
                t.other_units),
        counter("modbus_bad_frames_total", "Modbus frames that were not understood.",
                t.bad_crc + t.short_frames + t.long_frames + t.bad_header + t.wrong_line +
                    t.too_soon + t.collisions),
        counter("tcp_connections_total", "Modbus-TCP connections taken, and MQTT sessions opened.",
                t.connections),
        gauge("tcp_connections", "Modbus-TCP connections that are open.",
              static_cast<double>(server_.tcp_connections())),
        counter("mqtt_published_total", "MQTT messages that a broker took.", t.published),
        counter("mqtt_dropped_total", "MQTT messages that had no connection to go to.", t.dropped),
        gauge("mqtt_clients", "MQTT clients of the farm.",
              static_cast<double>(server_.radios().clients())),
        counter("hook_events_total", "Events that the servers of hooks took.", events_.posted()),
        counter("hook_events_lost_total", "Events of hooks that were lost.", events_.lost()),
        gauge("mqtt_connected", "MQTT clients that are connected.",
              static_cast<double>(server_.radios().connected())),
    };
}

MeterState FarmControl::truth(const std::string& meter, int circuit) const {
    return farm_.truth(places_.find(meter)->second, circuit);
}

void FarmControl::between_steps(std::function<void()> work) {
    runner_.between_steps(std::move(work));
}

void FarmControl::advance(ApiAdvance what, std::function<void(const ApiAdvanced&)> done) {
    const bool asks = static_cast<bool>(what.reached);
    runner_.advance({what.to, std::move(what.reached)},
                    [asks, done = std::move(done)](const Advanced& over) {
                        done({over.from, over.to, asks ? over.reached : !over.paused, over.stopped,
                              over.undelivered});
                    });
}

Result<std::function<bool()>, Fault> FarmControl::condition(std::string_view text) {
    Fault fault;
    const auto condition = Condition::read(text, Vocabulary{farm_.plan().meters}, fault);
    if (!condition)
        return Unexpected<Fault>{fault};
    return std::function<bool()>{[this, condition = *condition] {
        return condition.holds([this](const FormulaTerm& term) {
            return farm_.meters()[term.meter]
                .circuits()[static_cast<std::size_t>(term.circuit)]
                .number(term.point);
        });
    }};
}

// State and meters --------------------------------------------------------------------------------

void FarmControl::put(std::span<const std::uint8_t> saved) {
    actions_.restore(saved);
    server_.follow(FarmServer::Ports::as_before);
}

/// What does not fit changes nothing.
std::optional<Fault> FarmControl::try_to_put(std::span<const std::uint8_t> saved) {
    const Bytes before = actions_.save();
    std::optional<Fault> fault;
    try {
        put(saved);
    } catch (const BadState& bad) {
        fault = {bad.what(), "save it from this farm's file with this version of kpmsim"};
    } catch (const CannotListen& bad) {
        fault = {bad.what(), "free what the farm had then"};
    }
    if (!fault && kept_ != nullptr)
        fault = kept_->checkpoint();
    if (fault)
        put(before);
    list_meters();
    runner_.take_up();
    return fault;
}

std::optional<Fault> FarmControl::restore(std::span<const std::uint8_t> saved) {
    return try_to_put(saved);
}

std::optional<Fault> FarmControl::reset() { return try_to_put(start_); }

Result<std::vector<ApiMeter>, ApiRefusal> FarmControl::add_meters(const std::string& json) {
    std::vector<Mistake> mistakes;
    const TomlNode written = parse_json(json, "body", mistakes);
    const std::size_t before = farm_.plan().meters.size();
    if (mistakes.empty())
        actions_.add_meters(written, mistakes);
    if (!mistakes.empty())
        return Unexpected{ApiRefusal{422, std::move(mistakes)}};
    try {
        make_room_for_descriptors(descriptors_needed(farm_.plan()));
        server_.follow();
    } catch (const std::runtime_error& bad) { // CannotListen, CouldNotStart
        actions_.take_back_meters(before);
        server_.follow();
        note(mistakes, {"body", 0, 0}, bad.what(), "nothing was added");
        return Unexpected{ApiRefusal{409, std::move(mistakes)}};
    }
    list_meters();
    runner_.show();
    std::vector<ApiMeter> added;
    for (std::size_t n = before; n < farm_.plan().meters.size(); ++n)
        added.push_back(describe(n));
    return added;
}

std::optional<ApiRefusal> FarmControl::remove_meter(const std::string& name) {
    if (const auto done = actions_.remove_meter(name); !done) {
        const MeterStays& stays = done.error();
        return ApiRefusal{stays.unknown ? 404 : 409,
                          {{{"path", 0, 0}, stays.why.what, stays.why.cure}}};
    }
    server_.follow();
    list_meters();
    runner_.show();
    return std::nullopt;
}

} // namespace kpmsim
