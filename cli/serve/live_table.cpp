#include "cli/serve/live_table.hpp"

#include "cli/terminal/table.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <utility>

namespace kpmsim {

namespace {

std::string endpoint_of(const UnitEndpoints& unit) {
    std::string text;
    for (const OpenEndpoint& endpoint : unit.endpoints)
        if (endpoint.kind == OpenEndpoint::Kind::pty)
            text += std::filesystem::path{endpoint.where}.filename().string() + " ";
        else if (endpoint.kind == OpenEndpoint::Kind::listens)
            text += endpoint.where.substr(endpoint.where.rfind(':')) + " ";
        else
            text += "to " + endpoint.where + " ";
    text += fmt::format("unit {}", unit.unit());
    if (unit.uploads)
        text += " mqtt";
    return text;
}

/// Which channels clip at the moment: u:ab i:c; empty when none does.
std::string clip_of(const ClipStatus& clip) {
    std::string text;
    for (const auto& [bits, name] : {std::pair{clip.u, "u:"}, std::pair{clip.i, " i:"}}) {
        text += bits != 0 ? name : "";
        for (unsigned c = 0; c < 3; ++c)
            if ((bits >> c & 1u) != 0)
                text += "abc"[c];
    }
    return text;
}

/// Line to line where the meter sees no neutral.
double voltage_of(const Readings& r) { return r[Slot::u_a] != 0 ? r[Slot::u_a] : r[Slot::u_ab]; }

} // namespace

std::string live_table(const Farm& farm, const FarmServer& server, std::size_t lines) {
    TextTable table{{{"meter"},
                     {"model"},
                     {"endpoint"},
                     {"U V", true},
                     {"I A", true},
                     {"P kW", true},
                     {"f Hz", true},
                     {"import kWh", true},
                     {"export kWh", true},
                     {"served", true},
                     {"clipped"}}};
    const auto& units = server.units();
    const std::size_t room = lines > 5 ? lines - 4 : 1;
    const std::size_t shown = std::min(units.size(), room);
    for (std::size_t n = 0; n < shown; ++n) {
        const MeterState& state = units[n]->circuit->state();
        const Readings& r = state.readings;
        table.row({units[n]->name(), units[n]->circuit->type().name, endpoint_of(*units[n]),
                   fmt::format("{:.2f}", voltage_of(r)), fmt::format("{:.3f}", r[Slot::i_a]),
                   fmt::format("{:.3f}", r[Slot::p] / 1000), fmt::format("{:.3f}", r[Slot::f]),
                   fmt::format("{:.3f}", state.energy.kilo(Energy::p_import)),
                   fmt::format("{:.3f}", state.energy.kilo(Energy::p_export)),
                   fmt::to_string(units[n]->circuit->requests()), clip_of(state.clip)});
    }
    const Traffic traffic = server.traffic();
    std::string text = table.text();
    if (shown < units.size())
        text += fmt::format("… and {} more\n", units.size() - shown);
    text += fmt::format(
        "{}  fidelity {}, {} requests, {} exceptions, {} TCP connections, {} MQTT messages\n",
        iso_text(farm.site_time()), name_of(farm.plan().fidelity), traffic.requests,
        traffic.exceptions, server.tcp_connections(), traffic.published);
    return text;
}

} // namespace kpmsim
