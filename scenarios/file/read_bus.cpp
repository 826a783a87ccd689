#include "files/path.hpp"
#include "scenarios/file/farm_reader.hpp"

#include <algorithm>

namespace kpmsim {

BusPlan read_bus(const std::string& name, const TomlNode& node, const std::string& bind,
                 FarmReading& reading) {
    BusPlan plan;
    plan.name = name;
    plan.place = node.place;
    TomlTable table{node, "bus " + name, reading.mistakes};
    const EndpointRules rules{WireProtocol::modbus_rtu, bind,
                              [](const std::string& text) { return std::optional{text}; }};
    plan.endpoints = read_endpoints(table, "rtu_tcp", rules, reading.mistakes)
                         .value_or(std::vector<EndpointPlan>{});
    plan.pty = table.text("pty");
    if (!plan.pty && node.find("rtu_tcp") == nullptr)
        plan.pty = "run/" + name;
    if (Fault fault; plan.pty && !is_new_name(*plan.pty, fault)) {
        table.wrong("pty", fault);
        plan.pty.reset();
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
    std::vector<std::string> paths;
    std::vector<const BusPlan*> with_pty;
    for (const BusPlan& bus : buses) {
        if (!bus.pty)
            continue;
        const std::string path = canonical_path(*bus.pty);
        for (std::size_t n = 0; n < paths.size(); ++n) {
            const BusPlan& other = *with_pty[n];
            std::string what = "bus " + bus.name + " has the pty \"" + *bus.pty + "\"";
            if (path == paths[n]) {
                what += (bus.pty == other.pty ? "" : ", which is the \"" + *other.pty + '"') +
                        " of bus " + other.name;
            } else if (path.starts_with(paths[n] + '/') || paths[n].starts_with(path + '/')) {
                what += ", and bus " + other.name + " has \"" + *other.pty +
                        "\": one of them would be a folder";
            } else {
                continue;
            }
            note(mistakes, bus.place, what,
                 "give each line a link of its own, such as \"run/" + bus.name + '"');
            break;
        }
        paths.push_back(path);
        with_pty.push_back(&bus);
    }
}

} // namespace kpmsim
