#include "scenarios/file/expression.hpp"
#include "scenarios/file/farm_reader.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace kpmsim {
namespace {

constexpr const char* id_cure =
    "write \"east-{serial}\"; there are {serial} and {name} of the meter, and {n}";
/// What every broker takes is 23 (MQTT 3.1.1, 3.1.3.1); those of today take more.
constexpr std::size_t longest_id = 256;

/// A PEM file, which must be there.
std::string read_pem(TomlTable& table, const std::string& key) {
    const auto path = read_path(table, key);
    std::error_code error;
    if (!path || std::filesystem::is_regular_file(*path, error))
        return path.value_or("");
    table.wrong(key, fmt::format("{} \"{}\" is no file", key, *path),
                "write the path of a PEM file; it counts from the farm file's folder");
    return {};
}

void read_tls(TomlTable& table, MqttPlan& plan) {
    plan.ca = read_pem(table, "mqtt_ca");
    plan.certificate = read_pem(table, "mqtt_certificate");
    plan.key = read_pem(table, "mqtt_key");
    plan.check_name = table.boolean("mqtt_check_name").value_or(plan.check_name);
    if (!plan.key.empty() && plan.certificate.empty())
        table.wrong("mqtt_key", "mqtt_key stands without the certificate that it belongs to",
                    "add mqtt_certificate = \"client.pem\"");
    if (plan.key.empty()) // a PEM file may hold both
        plan.key = plan.certificate;
}

} // namespace

void read_mqtt(TomlTable& table, MqttPlan& plan, FarmReading& reading) {
    if (const auto qos = table.integer("mqtt_qos", 0, 2))
        plan.qos = static_cast<int>(*qos);
    plan.retain = table.boolean("mqtt_retain").value_or(plan.retain);
    if (const auto keepalive = table.quantity("mqtt_keepalive", Unit::second)) {
        if (*keepalive >= 5 && *keepalive <= 65535 && *keepalive == std::floor(*keepalive)) {
            plan.keepalive_s = static_cast<int>(*keepalive);
        } else {
            table.wrong("mqtt_keepalive", "mqtt_keepalive is out of range",
                        "write whole seconds, from \"5 s\" to \"65535 s\"");
        }
    }
    if (const auto jitter = table.quantity("mqtt_jitter", Unit::second)) {
        keep_within(table, "mqtt_jitter", *jitter, 0.0, 3600.0, "0 s to 1 h",
                    "what uploads are spread by");
        plan.jitter = SimDuration{std::llround(1e9 * std::clamp(*jitter, 0.0, 3600.0))};
    }
    if (const auto pattern = table.text("mqtt_client_id", id_cure)) {
        reading.client_id = *pattern;
        reading.client_id_place = table.place_of("mqtt_client_id");
    }
    plan.maintenance =
        read_broker(table, "mqtt_maintenance", "write \"embedded\" or \"mqtt://127.0.0.1:1883\"");
    read_tls(table, plan);
}

void remark_on_tls(const MqttPlan& plan, const std::vector<MeterDraft>& meters,
                   FarmReading& reading) {
    const bool none_set = plan.ca.empty() && plan.certificate.empty() && plan.check_name;
    if (!none_set && std::none_of(meters.begin(), meters.end(), [](const MeterDraft& meter) {
            return meter.plan.mqtt && !meter.plan.mqtt->embedded && meter.plan.mqtt->at.tls;
        }))
        reading.remarks.push_back(reading.file + ": mqtt_ca, mqtt_certificate and mqtt_check_name "
                                                 "have no effect: no broker is mqtts://");
}

void name_clients(std::vector<MeterDraft>& meters, const FarmReading& reading) {
    const auto refuse = [&](const std::string& what) {
        note(reading.mistakes, reading.client_id_place,
             fmt::format("mqtt_client_id \"{}\" {}", reading.client_id, what), id_cure);
    };
    std::map<std::pair<std::string, std::string>, std::string> holders; // by broker and id
    for (MeterDraft& meter : meters) {
        MeterPlan& plan = meter.plan;
        if (!plan.mqtt)
            continue;
        const std::string broker = plan.mqtt->embedded ? "" : to_text(plan.mqtt->at);
        std::string why;
        const auto id = !plan.client_id.empty()
                            ? std::optional{plan.client_id}
                            : fill_in(reading.client_id, meter.n, why,
                                      {{"serial", plan.spec.serial}, {"name", plan.spec.name}});
        if (!id)
            return refuse(why);
        if (id->empty() || id->size() > longest_id ||
            std::any_of(id->begin(), id->end(),
                        [](char c) { return static_cast<unsigned char>(c) < 32; }))
            return refuse(fmt::format("makes no id of 1 to {} characters on one line of {}",
                                      longest_id, plan.spec.name));
        const auto [holder, alone] = holders.try_emplace({broker, *id}, plan.spec.name);
        // Equal serials are told as such.
        if (!alone && reading.client_id != "{serial}")
            return refuse(fmt::format("makes \"{}\" the id of {} and of {}", *id, holder->second,
                                      plan.spec.name));
        plan.client_id = *id;
    }
}

} // namespace kpmsim
