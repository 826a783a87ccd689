#include "scenarios/play/action_reader.hpp"

#include "files/name_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kpmsim {

std::vector<std::string> ActionReader::patterns(const std::string& key) {
    const TomlNode* node = table_.node(key);
    if (node == nullptr)
        return {};
    if (node->is_text())
        return {std::get<std::string>(node->value)};
    return table_.texts(key).value_or(std::vector<std::string>{});
}

template <class Named, class NameOf>
std::vector<std::size_t> ActionReader::chosen(const std::string& key, const std::vector<Named>& all,
                                              const NameOf& name) {
    std::vector<bool> in(all.size());
    for (const std::string& pattern : patterns(key)) {
        bool any = false;
        for (std::size_t n = 0; n < all.size(); ++n)
            if (fits(name(all[n]), pattern))
                in[n] = any = true;
        if (any)
            continue;
        std::vector<std::string> names;
        for (const Named& one : all)
            if (!is_among(name(one), names) && names.size() <= 20)
                names.push_back(name(one));
        const bool more = names.size() > 20;
        names.resize(std::min<std::size_t>(names.size(), 20));
        table_.wrong(key, fmt::format("no {} fits \"{}\"", key, pattern),
                     fmt::format("there {} {}{}", names.size() == 1 ? "is" : "are", listed(names),
                                 more ? ", …" : ""));
    }
    std::vector<std::size_t> out;
    for (std::size_t n = 0; n < all.size(); ++n)
        if (in[n])
            out.push_back(n);
    return out;
}

void ActionReader::read_who() {
    if (action_.kind->target == ActionTarget::supply) {
        read_supplies();
        return;
    }
    std::vector<std::size_t> meters = read_meters();
    std::optional<int> circuit;
    if (const auto n = table_.integer("circuit", 1, max_circuits))
        circuit = static_cast<int>(*n) - 1;
    if (circuit)
        std::erase_if(
            meters, [&](std::size_t m) { return plan_.meters[m].spec.type->circuits <= *circuit; });
    if (circuit && meters.empty())
        table_.wrong("circuit", "no selected meter has such a circuit", "leave circuit out");
    if (action_.kind->target == ActionTarget::line)
        read_lines();
    if (action_.kind->target == ActionTarget::load)
        read_loads(meters, circuit);
    else
        for (const std::size_t m : meters)
            action_.circuits.push_back({m, circuit.value_or(-1)});
    if (action_.kind->target == ActionTarget::line)
        keep_places();
    if (action_.kind->target == ActionTarget::broker || action_.kind->name == "habit" ||
        action_.kind->name == "mqtt-command")
        keep_uploaders();
    if (action_.kind->target == ActionTarget::meter || action_.kind->target == ActionTarget::broker)
        refuse_circuit();
    if (action_.kind->target == ActionTarget::meter)
        keep_wired();
}

void ActionReader::refuse_circuit() {
    constexpr std::array<std::string_view, 10> whole{
        "power-off",   "blackout",         "reboot",     "clock-set",   "clock-jump",
        "clock-drift", "energies-cleared", "meter-swap", "broker-down", "mqtt-disconnect"};
    if (has("circuit") && std::find(whole.begin(), whole.end(), action_.kind->name) != whole.end())
        refuse("circuit", "is of the whole meter");
}

bool ActionReader::is_wired(const MeterPlan& meter) const {
    const std::string_view kind = action_.kind->name;
    const Wiring mode = meter.wiring.mode;
    const auto has_terminal = [&](const char* key, const char* without) {
        const TomlNode* const node = node_.find(key);
        const auto* const text = node != nullptr ? std::get_if<std::string>(&node->value) : nullptr;
        const std::string terminals = text != nullptr ? *text : without;
        return std::all_of(terminals.begin(), terminals.end(), [&](char terminal) {
            if (mode == Wiring::one_phase)
                return terminal == 'a';
            return mode != Wiring::p3l2 || !kind.starts_with("ct-") || terminal != 'b';
        });
    };
    if (kind == "neutral-lost")
        return mode == Wiring::p4l;
    if (kind == "phase-rotation")
        return has_terminal("phases", "bc");
    if (kind == "ct-swapped")
        return has_terminal("phases", "");
    if (kind.starts_with("ct-") || kind == "u-open" || kind == "pt-fuse-blown")
        return has_terminal("phase", "");
    return true;
}

void ActionReader::keep_wired() {
    if (action_.circuits.empty())
        return;
    const MeterPlan& first = plan_.meters[action_.circuits.front().meter];
    std::erase_if(action_.circuits,
                  [&](const CircuitPlace& place) { return !is_wired(plan_.meters[place.meter]); });
    if (!action_.circuits.empty())
        return;
    const std::string_view kind = action_.kind->name;
    if (kind == "neutral-lost")
        table_.wrong(
            "kind",
            fmt::format("the wiring of {} has no neutral with a star point", first.spec.name),
            "select a meter that is wired in star: P4L, 3Ln3CT");
    else
        table_.wrong(has("phases") || kind == "ct-swapped" ? "phases" : "phase",
                     fmt::format("{} has no {} on that phase", first.spec.name,
                                 kind.starts_with("ct-") ? "current transformer" : "voltage lead"),
                     first.wiring.mode == Wiring::one_phase
                         ? "a one-phase meter calls its only one \"a\""
                         : "with two transformers they are on \"a\" and \"c\"");
}

void ActionReader::read_lines() {
    if (has("line"))
        action_.lines = chosen(
            "line", plan_.buses, [](const BusPlan& one) { return one.name; });
}

void ActionReader::keep_places() {
    const bool any = !action_.lines.empty() || !action_.circuits.empty();
    const WirePlaces places = action_.kind->places;
    std::erase_if(
        action_.lines,
        [&](std::size_t n) {
            return places == WirePlaces::connection && plan_.buses[n].endpoints.empty();
        });
    std::erase_if(action_.circuits, [&](const CircuitPlace& place) {
        return !is_reached(plan_.meters[place.meter], places);
    });
    if (!any || !action_.lines.empty() || !action_.circuits.empty())
        return;
    const bool rtu = places == WirePlaces::rtu;
    table_.wrong(has("line") ? "line" : "meter",
                 fmt::format("{} needs {}, and nothing that is selected has one",
                             action_.kind->name,
                             rtu                                ? "an RS-485 line"
                             : places == WirePlaces::connection ? "a TCP connection"
                                                                : "a way to a meter"),
                 rtu ? "select a line, or meters with bus or rtu_tcp"
                     : "select meters with modbus_tcp, or what is reached by rtu_tcp");
}

bool ActionReader::is_reached(const MeterPlan& meter, WirePlaces places) const {
    const bool own_rtu =
        std::any_of(meter.endpoints.begin(), meter.endpoints.end(), [](const EndpointPlan& one) {
            return one.protocol == WireProtocol::modbus_rtu;
        });
    switch (places) {
    case WirePlaces::rtu:
        return !meter.buses.empty() || own_rtu;
    case WirePlaces::connection:
        return !meter.endpoints.empty() ||
               std::any_of(plan_.buses.begin(), plan_.buses.end(), [&](const BusPlan& bus) {
                   return meter.is_on(bus.name) && !bus.endpoints.empty();
               });
    case WirePlaces::all:
        break;
    }
    return !meter.buses.empty() || !meter.endpoints.empty();
}

void ActionReader::keep_uploaders() {
    std::erase_if(action_.circuits,
                  [&](const CircuitPlace& place) { return !plan_.meters[place.meter].mqtt; });
    if (action_.circuits.empty())
        table_.wrong(has("meter") ? "meter" : "kind",
                     "no selected meter sends messages to a broker",
                     "write mqtt = true in its [[meter]]");
}

void ActionReader::read_supplies() {
    if (!has("supply") && plan_.supplies.size() == 1)
        action_.supplies = {0};
    else if (!has("supply"))
        table_.missing("supply", "supply = \"" + plan_.supplies.front().name + "\"");
    else
        action_.supplies =
            chosen("supply", plan_.supplies, [](const SupplyPlan& one) { return one.name; });
    for (const std::size_t n : action_.supplies)
        if (plan_.supplies[n].recording)
            table_.wrong("supply",
                         fmt::format("supply {} plays a recording", plan_.supplies[n].name),
                         "nothing can happen to it but what was recorded");
}

std::vector<std::size_t> ActionReader::read_meters() {
    std::vector<bool> in(plan_.meters.size(), true);
    const auto only = [&](const std::vector<std::size_t>& some) {
        std::vector<bool> kept(in.size());
        for (const std::size_t n : some)
            kept[n] = in[n];
        in = std::move(kept);
    };
    const bool named = has("meter") || has("tag") || has("model");
    const std::size_t before = mistakes_.size();
    if (!named && action_.kind->target == ActionTarget::line) {
        if (!has("line"))
            table_.missing("line", "line = \"line1\", or meter, tag or model");
        return {};
    }
    if (has("meter"))
        only(chosen("meter", plan_.meters, [](const MeterPlan& m) { return m.spec.name; }));
    if (has("model"))
        only(chosen("model", plan_.meters, [](const MeterPlan& m) { return m.spec.type->name; }));
    if (has("tag"))
        only(tagged());
    if (!named && action_.kind->target == ActionTarget::meter)
        table_.missing("meter", "meter = \"" +
                                    (plan_.meters.empty() ? "main" : plan_.meters[0].spec.name) +
                                    "\", or tag or model");
    std::vector<std::size_t> out;
    for (std::size_t n = 0; n < in.size(); ++n)
        if (in[n])
            out.push_back(n);
    if (named && out.empty() && mistakes_.size() == before)
        table_.wrong("meter", "no meter is selected by all of meter, tag and model together",
                     "leave one of them out");
    return out;
}

std::vector<std::size_t> ActionReader::tagged() {
    std::vector<std::string> tags;
    for (const MeterPlan& meter : plan_.meters)
        tags.insert(tags.end(), meter.tags.begin(), meter.tags.end());
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    std::vector<std::string> meant;
    for (const std::size_t n : chosen("tag", tags, [](const std::string& tag) { return tag; }))
        meant.push_back(tags[n]);
    std::vector<std::size_t> out;
    for (std::size_t m = 0; m < plan_.meters.size(); ++m)
        for (const std::string& tag : plan_.meters[m].tags)
            if (is_among(tag, meant)) {
                out.push_back(m);
                break;
            }
    return out;
}

void ActionReader::read_loads(const std::vector<std::size_t>& meters, std::optional<int> circuit) {
    const bool selected = has("meter") || has("tag") || has("model");
    if (!has("load") && !selected) {
        table_.missing("load", "load = \"" +
                                   (plan_.loads.empty() ? "office" : plan_.loads[0].name) +
                                   "\", or the meters whose loads are meant");
        return;
    }
    std::vector<std::string> names;
    if (has("load"))
        for (const std::size_t n :
             chosen("load", plan_.loads, [](const LoadPlan& one) { return one.name; }))
            names.push_back(plan_.loads[n].name);
    if (has("load") && names.empty())
        return;
    for (const std::size_t m : meters)
        for (int c = 0; c < plan_.meters[m].spec.type->circuits; ++c) {
            const std::string& load = plan_.meters[m].loads[static_cast<std::size_t>(c)];
            if ((!circuit || *circuit == c) && (names.empty() || is_among(load, names)))
                action_.circuits.push_back({m, c});
        }
    if (action_.circuits.empty())
        table_.wrong("load", "no selected circuit draws this load",
                     "name the meters that do, or another load");
}

} // namespace kpmsim
