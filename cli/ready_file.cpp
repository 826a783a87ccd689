#include "cli/ready_file.hpp"

#include "cli/report.hpp"
#include "files/json_text.hpp"
#include "files/text_file.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>

namespace kpmsim {

namespace {

using Json = nlohmann::ordered_json;

Json as_json(const UnitEndpoints& unit) {
    const Circuit& circuit = *unit.circuit;
    Json entry{{"name", circuit.meter().spec().name},
               {"model", circuit.type().name},
               {"circuit", circuit.index() + 1},
               {"serial", circuit.serial()},
               {"unit", unit.unit()},
               {"modbus_tcp", nullptr},
               {"pty", nullptr},
               {"mqtt_id", nullptr},
               {"endpoints", Json::array()}};
    if (unit.modbus_tcp)
        entry["modbus_tcp"] = to_text(*unit.modbus_tcp);
    if (unit.pty)
        entry["pty"] = *unit.pty;
    if (unit.mqtt_client)
        entry["mqtt_id"] = circuit.serial();
    for (const OpenEndpoint& endpoint : unit.endpoints) {
        entry["endpoints"].push_back({{"protocol", endpoint.protocol},
                                      {std::string{name_of(endpoint.kind)}, endpoint.where}});
    }
    return entry;
}

} // namespace

void remove_old_ready_file(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const auto there = fs::symlink_status(path, ignored);
    if (fs::exists(there) && !fs::is_regular_file(there)) {
        throw CouldNotStart{
            fmt::format("the ready file {} would replace {}; choose another name", path,
                        fs::is_symlink(there) ? "a link" : "something that is no file")};
    }
    fs::remove(path, ignored);
}

void write_ready_file(const std::string& path, const FarmPlan& plan, const FarmServer& server,
                      const std::optional<std::string>& api) {
    Json ready{{"seed", plan.seed},
               {"fidelity", name_of(plan.fidelity)},
               {"broker", nullptr},
               {"api", api ? Json(*api) : Json(nullptr)},
               {"meters", Json::array()}};
    if (const auto broker = server.broker())
        ready["broker"] = to_text(*broker);
    for (const UnitEndpoints* unit : server.units())
        ready["meters"].push_back(as_json(*unit));
    const std::string half = path + ".part";
    if (!write_text(half, [&](std::ostream& out) { out << json_text(ready) << '\n'; })) {
        throw CouldNotStart{
            fmt::format("the ready file {} cannot be written; choose a folder that can", path)};
    }
    std::filesystem::rename(half, path);
}

} // namespace kpmsim
