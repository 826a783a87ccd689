#pragma once

#include "models/engine/meter.hpp"
#include "models/faces/packets.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// The topics that a circuit listens to: MQTT_COMMOD_SET_<the last 8 characters of its id>, … The
/// document spells one of them MQTT_SYS__CFG_, meters MQTT_SYS_CFG_: both.
std::vector<std::string> command_topics(const Circuit& circuit);

/// Of `command`, "TELECTRL", as a platform writes the topic: under the circuit's own last eight characters
/// or, as in "TELECTRL_25950028", under others.
std::string command_topic(const Circuit& circuit, std::string_view command);

/// Whether messages on this topic answer commands; all others upload.
bool answers_command(std::string_view topic);

struct CommandAnswer {
    std::vector<Upload> messages; ///< none: the meter is silent
    std::string remark; ///< why it is, or why it refuses, for a person; empty: nothing to say
};

/// What a meter publishes when it has come to the maintenance platform: its id.
Upload config_request(const Circuit& circuit);

/// Carries out what came on one of those topics, as protocol V1.9 says. What the meter takes acts as a
/// write over Modbus does. An operation id that is not of 32 characters, a payload that is no object or
/// longer than a meter's memory for it (4 KiB, assumed) meet silence. Who asks the maintenance platform listens to SET alone.
CommandAnswer answer_command(Circuit& circuit, std::string_view topic, std::string_view payload);

} // namespace kpmsim
