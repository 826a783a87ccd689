#include "models/type/mqtt_command.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {

namespace {

constexpr std::array all{MqttCommand::commod_set, MqttCommand::commod_read, MqttCommand::settime,
                         MqttCommand::telectrl,   MqttCommand::recall,      MqttCommand::sys_cfg,
                         MqttCommand::sys_read,   MqttCommand::reconfig,    MqttCommand::set};
constexpr std::array<std::string_view, all.size()> names{"COMMOD_SET", "COMMOD_READ", "SETTIME",
                                                         "TELECTRL",   "RECALL",      "SYS_CFG",
                                                         "SYS_READ",   "RECONFIG",    "SET"};

} // namespace

std::string_view name_of(MqttCommand command) { return names[static_cast<std::size_t>(command)]; }

std::optional<MqttCommand> find_mqtt_command(std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return all[static_cast<std::size_t>(found - names.begin())];
}

std::span<const MqttCommand> all_mqtt_commands() { return all; }

} // namespace kpmsim
