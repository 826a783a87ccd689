#include "cli/serve/command_desk.hpp"

#include "models/faces/mqtt_commands.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace kpmsim {
namespace {

/// More different mistakes than these are somebody's random bytes.
constexpr std::size_t most_remarks = 200;

} // namespace

MqttInbox CommandDesk::inbox(Circuit& circuit, std::string name, Publish publish) {
    MqttInbox inbox;
    inbox.topics = command_topics(circuit);
    inbox.take = [this, &circuit, name = std::move(name),
                  publish = std::move(publish)](const MqttMessage& message) {
        const CommandAnswer answer = answer_command(circuit, message.topic, message.payload);
        for (const Upload& each : answer.messages)
            publish(each.topic, each.payload);
        if (!answer.remark.empty())
            remark(fmt::format("{}: {} {}: {}", name, message.topic,
                               answer.messages.empty() ? "met silence" : "was refused",
                               answer.remark));
    };
    return inbox;
}

void CommandDesk::remark(const std::string& line) {
    if (said_.size() > most_remarks || !said_.insert(line).second)
        return;
    spdlog::info(line);
    if (said_.size() > most_remarks)
        spdlog::info("more commands over MQTT were not taken; no more of this is said");
}

} // namespace kpmsim
