#include "scenarios/farm_reader.hpp"

#include <algorithm>
#include <charconv>

namespace kpmsim {

std::string broker_fault(const std::string& url) {
    if (url == "embedded")
        return {};
    constexpr std::string_view scheme = "mqtt://";
    if (!url.starts_with(scheme))
        return "has no URL that begins with mqtt://";
    std::string_view rest = std::string_view{url}.substr(scheme.size());
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos)
        rest.remove_prefix(at + 1);
    const std::size_t colon = rest.rfind(':');
    const std::string_view host = rest.substr(0, colon);
    if (host.empty() || host.find_first_of("/ :") != std::string_view::npos)
        return "has a URL without a host";
    if (colon != std::string_view::npos) {
        int port = 0;
        const std::string_view text = rest.substr(colon + 1);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535)
            return "has a port that is not from 1 to 65535";
    }
    return {};
}

BusPlan read_bus(const std::string& name, const TomlNode& node, FarmReading& reading) {
    BusPlan plan;
    plan.name = name;
    plan.place = node.place;
    TomlTable table{node, "bus " + name, reading.mistakes};
    plan.pty = table.text("pty").value_or("run/" + name);
    if (plan.pty.empty() || plan.pty.ends_with('/')) {
        table.wrong("pty", "pty \"" + plan.pty + "\" is no name for a link",
                    "write a path such as \"run/" + name + "\"");
    }
    if (const auto baud = table.integer("baud", 300, 115200))
        plan.baud = static_cast<int>(*baud);
    plan.format = table.choice("format", {"8N1", "8E1", "8O1", "8N2"}).value_or("8N1");
    if (node.find("pty") != nullptr)
        plan.place = table.place_of("pty");
    table.finish();
    return plan;
}

void check_buses(const std::vector<BusPlan>& buses, std::vector<Mistake>& mistakes) {
    for (auto bus = buses.begin(); bus != buses.end(); ++bus) {
        const auto twin = std::find_if(buses.begin(), bus,
                                       [&](const BusPlan& other) { return other.pty == bus->pty; });
        if (twin != bus) {
            note(mistakes, bus->place,
                 "bus " + bus->name + " has the pty \"" + bus->pty + "\" of bus " + twin->name,
                 "give each line a link of its own, such as \"run/" + bus->name + '"');
        }
    }
}

} // namespace kpmsim
