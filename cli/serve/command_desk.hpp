#pragma once

#include "models/engine/meter.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"

#include <functional>
#include <set>
#include <string>

namespace kpmsim {

/// Where commands over MQTT arrive: each is carried out at once, as a write over Modbus is, and
/// answered. What a meter does not take is told in the log, once for each meter and reason.
class CommandDesk {
public:
    using Publish = std::function<void(const std::string& topic, const std::string& payload)>;

    /// What a circuit's client listens to; the desk, the circuit and what `publish` needs outlive it.
    MqttInbox inbox(Circuit& circuit, std::string name, Publish publish);

private:
    void remark(const std::string& line);

    std::set<std::string> said_;
};

} // namespace kpmsim
