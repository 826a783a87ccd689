#pragma once

#include "models/engine/meter.hpp"
#include "servers/mqtt/command_remarks.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"

#include <functional>
#include <string>

namespace kpmsim {

/// Where commands over MQTT arrive: each is carried out at once, as a write over Modbus is, and
/// answered. What a meter does not take is told in the log, see CommandRemarks.
class CommandDesk {
public:
    using Publish = std::function<void(const std::string& topic, const std::string& payload)>;

    /// What the client of a meter listens to, for each of its circuits; the desk, the meter and what
    /// `publish` needs outlive it.
    MqttInbox inbox(Meter& meter, Publish publish);

private:
    CommandRemarks remarks_;
};

} // namespace kpmsim
