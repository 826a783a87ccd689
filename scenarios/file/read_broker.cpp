#include "scenarios/file/farm_reader.hpp"

namespace kpmsim {

std::optional<BrokerPlan> read_broker(TomlTable& table, const std::string& key,
                                      const std::string& cure) {
    const auto text = table.text(key, cure);
    if (!text)
        return std::nullopt;
    if (*text == "embedded")
        return BrokerPlan{};
    if (text->find("://") == std::string::npos) {
        table.wrong(key, key + " is no URL", cure);
        return std::nullopt;
    }
    Fault fault;
    const auto endpoint = parse_mqtt_url(*text, fault);
    if (!endpoint) {
        table.wrong(key, fault);
        return std::nullopt;
    }
    return BrokerPlan{false, *endpoint};
}

} // namespace kpmsim
