#include "scenarios/file/farm_reader.hpp"

#include "files/json_node.hpp"
#include "scenarios/file/scenario_plan.hpp"
#include "sim/iso_time.hpp"
#include "sim/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace kpmsim {
std::optional<CivilTime> read_site_time(const std::string& text, Fault& fault) {
    CivilTime time;
    if (!parse_iso(text, time)) {
        fault = {fmt::format("\"{}\" is no {}", text,
                             read_iso(text) ? "whole second of the site's time" : "date and time"),
                 "write \"2026-01-01T00:00:00\", the site's local time without a zone"};
        return std::nullopt;
    }
    if (!on_meter_clock(time)) {
        fault = {fmt::format("\"{}\" is in no year that a meter's clock shows", text),
                 fmt::format("write one from {} to {}", first_clock_year, last_clock_year)};
        return std::nullopt;
    }
    return time;
}

std::string_view name_of(Fidelity fidelity) {
    return fidelity == Fidelity::window ? "window" : "sample";
}

std::optional<Fidelity> read_fidelity(std::string_view text) {
    for (const Fidelity f : {Fidelity::sample, Fidelity::window})
        if (text == name_of(f))
            return f;
    return std::nullopt;
}

bool clock_starts_well(const MeterPlan& meter, CivilTime start) {
    return on_meter_clock(start + std::chrono::seconds{meter.spec.clock_offset_s});
}

namespace {

void read_farm_table(const TomlNode& node, FarmPlan& plan, FarmReading& reading) {
    TomlTable table{node, "farm", reading.mistakes};
    if (const auto seed = table.integer("seed", 0, std::numeric_limits<std::int64_t>::max()))
        plan.seed = static_cast<std::uint64_t>(*seed);
    static const std::string clocks{pace_cure};
    if (const auto clock = table.text("clock", clocks)) {
        if (const auto pace = read_pace(*clock))
            plan.pace = *pace;
        else
            table.wrong("clock", "unknown clock \"" + *clock + '"', clocks);
    }
    if (const auto text = table.text("fidelity")) {
        if (const auto fidelity = read_fidelity(*text)) {
            plan.fidelity = *fidelity;
        } else {
            table.wrong("fidelity", "unknown fidelity \"" + *text + '"',
                        "write \"sample\", or \"window\" to jump over windows in which nothing "
                        "changes");
        }
    }
    Fault fault;
    if (const auto written = table.text("start", "write \"2026-01-01T00:00:00\"")) {
        if (const auto start = read_site_time(*written, fault))
            plan.start = *start;
        else
            table.wrong("start", fault);
    }
    if (const auto zone = table.text("zone")) {
        reading.zone = read_utc_offset(*zone);
        if (!reading.zone) {
            table.wrong("zone", "zone \"" + *zone + "\" is no offset from UTC",
                        "write what the site's clock is ahead of UTC, all year: \"+01:00\"");
        }
    }
    if (const auto written = table.text("bind", "write \"127.0.0.1\", or \"0.0.0.0\"")) {
        if (const auto bind = parse_listen_address(*written, fault))
            plan.bind = *bind;
        else
            table.wrong("bind", fault);
    }
    if (const auto written =
            table.text("api", "write \"127.0.0.1:8474\", port 0 is any free one")) {
        if (const auto api = parse_listener(*written, "127.0.0.1", fault))
            plan.api = *api;
        else
            table.wrong("api", fault);
    }
    if (const auto broker =
            read_broker(table, "broker", "write \"embedded\" or \"mqtt://127.0.0.1:1883\""))
        reading.broker = *broker;
    read_mqtt(table, plan.mqtt, reading);
    plan.state = read_state(table, plan.pace);
    table.finish();
}

/// Calls `read(name, node)` for each table in [key.NAME].
template <class Read>
void each_named(TomlTable& root, const std::string& key, FarmReading& reading, Read read) {
    const TomlNode* node = root.table(key);
    if (node == nullptr)
        return;
    for (const auto& [name, value] : std::get<TomlEntries>(node->value)) {
        if (value.is_table()) {
            read(name, value);
        } else {
            note(reading.mistakes, value.key, fmt::format("{}.{} is not a table", key, name),
                 "write [" + key + ".NAME] with its keys below");
        }
    }
}

} // namespace

FarmPlan read_farm(const TomlNode& root, const std::string& file, const TypeLibrary& types,
                   std::vector<Mistake>& mistakes) {
    FarmPlan plan;
    plan.file = file;
    plan.types = &types;
    plan.written = written_values(root, file);
    FarmReading reading{types, mistakes, file};
    TomlTable table{root, "a farm file", mistakes};
    if (const TomlNode* farm = table.table("farm"))
        read_farm_table(*farm, plan, reading);
    reading.start = plan.start;
    plan.broker = reading.broker;
    plan.client_id = reading.client_id;
    each_named(table, "supply", reading, [&](const std::string& name, const TomlNode& node) {
        plan.supplies.push_back(read_supply(name, node, reading));
    });
    if (const TomlNode* actions = table.array("do"))
        plan.actions = std::get<TomlArray>(actions->value);
    each_named(
        table, "load", reading,
        [&](const std::string& name, const TomlNode& node) {
            plan.loads.push_back(read_load(name, node, reading));
        });
    each_named(table, "bus", reading, [&](const std::string& name, const TomlNode& node) {
        plan.buses.push_back(read_bus(name, node, plan.bind, reading));
    });
    if (const TomlNode* hooks = table.array("hook"))
        for (const TomlNode& node : std::get<TomlArray>(hooks->value)) {
            if (node.is_table())
                plan.hooks.push_back(read_hook(node, reading));
            else
                note(mistakes, node.place, "a hook is not a table",
                     "write [[hook]] with its keys below");
        }
    const TomlNode* meters = table.array("meter");
    std::vector<MeterDraft> drafts;
    if (meters != nullptr) {
        int block = 0;
        for (const TomlNode& node : std::get<TomlArray>(meters->value)) {
            if (!node.is_table()) {
                note(mistakes, node.place, "a meter is not a table",
                     "write [[meter]] with its keys below");
                continue;
            }
            for (MeterDraft& draft : read_meters(node, block, plan, reading))
                drafts.push_back(std::move(draft));
            ++block;
        }
    }
    table.finish();
    if (root.find("meter") == nullptr && mistakes.empty())
        note(mistakes, {file, 0, 0}, "has no meter", "add [[meter]] with name and model");
    number_meters(drafts, plan.start, mistakes);
    name_clients(drafts, reading);
    remark_on_tls(plan.mqtt, drafts, reading);
    check_meters(drafts, mistakes);
    check_ports(drafts, plan.buses, mistakes);
    check_hooks(plan.hooks, drafts, mistakes);
    settle_sums(drafts, mistakes);
    check_buses(plan.buses, mistakes);
    for (const std::string& remark : reading.remarks) // a file may be read for several loads
        if (!is_among(remark, plan.remarks))
            plan.remarks.push_back(remark);
    for (MeterDraft& draft : drafts)
        plan.meters.push_back(std::move(draft.plan));
    return plan;
}

void throw_mistakes(std::vector<Mistake> mistakes, const std::string& file) {
    if (mistakes.empty())
        return;
    std::stable_sort(mistakes.begin(), mistakes.end(), [&](const Mistake& a, const Mistake& b) {
        const auto order = [&](const Mistake& m) {
            return std::tuple{m.place.file != file, m.place.line, m.place.column};
        };
        return order(a) < order(b);
    });
    throw FileError{std::move(mistakes)};
}

namespace {

/// The world and its meters, however they are run and reached.
std::uint64_t world_sum(const TomlNode& root) {
    static const std::vector<std::string> run{"farm", "bus", "hook", "meter"};
    static const std::vector<std::string> reached{"bus", "modbus_tcp", "rtu_tcp", "unit", "mqtt"};
    std::string world;
    const auto take = [&](const TomlNode& table, const std::vector<std::string>& but) {
        for (const auto& [key, value] : std::get<TomlEntries>(table.value))
            if (!is_among(key, but))
                world += fmt::format("{} {}\n", key, json_text(value));
    };
    take(root, run);
    if (const TomlNode* meters = root.find("meter"))
        for (const TomlNode& meter : std::get<TomlArray>(meters->value))
            take(meter, reached);
    return hash_name(world);
}

std::vector<WorldPart> world_of(const TomlNode& root, const FarmPlan& plan) {
    std::vector<WorldPart> world{{plan.file, world_sum(root)}};
    std::map<std::string, std::uint64_t> models;
    for (const MeterPlan& meter : plan.meters)
        models[meter.spec.type->name] = meter.spec.type->sum;
    for (const auto& [name, sum] : models)
        world.push_back({"model " + name, sum});
    for (const WrittenValue& value : plan.written)
        if (value.of_file)
            world.push_back({value.place, hash_name(value.value)});
    return world;
}

FarmPlan farm_of(const TomlNode& root, const std::string& file, const TypeLibrary& types,
                 std::vector<Mistake> mistakes) {
    throw_mistakes(mistakes, file); // of its syntax
    FarmPlan plan = read_farm(root, file, types, mistakes);
    throw_mistakes(std::move(mistakes), file);
    plan.world = world_of(root, plan);
    return plan;
}

} // namespace

FarmPlan parse_farm(const std::string& text, const std::string& file, const TypeLibrary& types) {
    std::vector<Mistake> mistakes;
    const TomlNode root = parse_toml(text, file, mistakes);
    return farm_of(root, file, types, std::move(mistakes));
}

FarmPlan load_farm(const std::string& path, const TypeLibrary& types) {
    std::vector<Mistake> mistakes;
    const TomlNode root = load_toml(path, mistakes);
    return farm_of(root, path, types, std::move(mistakes));
}

} // namespace kpmsim
