#include "cli/control/ready_file.hpp"

#include "cli/control/api_client.hpp"
#include "cli/terminal/http_get.hpp"
#include "cli/terminal/report.hpp"
#include "files/json_text.hpp"
#include "files/text_file.hpp"

#include <chrono>
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
    if (unit.uploads)
        entry["mqtt_id"] = circuit.serial();
    for (const OpenEndpoint& endpoint : unit.endpoints) {
        entry["endpoints"].push_back({{"protocol", endpoint.protocol},
                                      {std::string{name_of(endpoint.kind)}, endpoint.where}});
    }
    return entry;
}

/// Of the farm whose ready file this is, where it runs still.
std::optional<std::string> api_that_answers(const std::string& path) {
    std::vector<Mistake> mistakes;
    const Json ready = Json::parse(read_text(path, mistakes).value_or(""), nullptr, false);
    if (!ready.is_object() || !ready.contains("api") || !ready["api"].is_string())
        return std::nullopt;
    const auto api = ready["api"].get<std::string>();
    const auto health = http_get(api + "/healthz", std::chrono::seconds{2});
    return health && health->find("\"ok\"") != std::string::npos ? std::optional{api}
                                                                 : std::nullopt;
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
    if (const auto api = api_that_answers(path))
        throw CouldNotStart{fmt::format(
            "the ready file {} is that of a farm that runs, at {}; end it with `kpmsim down{}`, or "
            "choose another --ready-file",
            path, *api, path == default_ready_file ? "" : " --ready-file " + path)};
    fs::remove(path, ignored);
}

void write_ready_file(const std::string& path, const FarmPlan& plan, const FarmServer& server,
                      const std::optional<std::string>& api) {
    Json ready{{"seed", plan.seed},
               {"fidelity", name_of(plan.fidelity)},
               {"broker", nullptr},
               {"api", api ? Json(*api) : Json(nullptr)},
               {"meters", Json::array()}};
    if (const auto broker = server.radios().broker())
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
