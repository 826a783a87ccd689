#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kpmsim {

/// What a platform may ask of a meter over MQTT (protocol V1.9, 3 and 4). A model says which of them it
/// knows.
enum class MqttCommand : std::uint8_t {
    commod_set,  ///< upload frequency
    commod_read, ///< … as it is set
    settime,
    telectrl, ///< relays
    recall,   ///< a month's freeze
    sys_cfg,  ///< registers, as Modbus writes them
    sys_read, ///< … and reads them
    reconfig, ///< it goes to the maintenance platform
    set,      ///< which says where to go
};

/// As a model's file writes it, and as it stands in the topic: COMMOD_SET.
std::string_view name_of(MqttCommand command);
std::optional<MqttCommand> find_mqtt_command(std::string_view name);
std::span<const MqttCommand> all_mqtt_commands();

} // namespace kpmsim
