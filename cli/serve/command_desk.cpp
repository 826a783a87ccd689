#include "cli/serve/command_desk.hpp"

#include "models/faces/mqtt_commands.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace kpmsim {
namespace {

/// More different mistakes than these are somebody's random bytes.
constexpr std::size_t most_remarks = 200;

std::string name_of(const Circuit& circuit) {
    const std::string& name = circuit.meter().spec().name;
    return circuit.type().circuits == 1 ? name
                                        : fmt::format("{} circuit {}", name, circuit.index() + 1);
}

} // namespace

MqttInbox CommandDesk::inbox(Meter& meter, Publish publish) {
    MqttInbox inbox;
    for (const Circuit& circuit : meter.circuits())
        for (std::string& topic : command_topics(circuit))
            inbox.topics.push_back(std::move(topic));
    inbox.take = [this, &meter, publish = std::move(publish)](const MqttMessage& message) {
        for (Circuit& circuit : meter.circuits()) {
            const CommandAnswer answer = answer_command(circuit, message.topic, message.payload);
            for (const Upload& each : answer.messages)
                publish(each.topic, each.payload);
            if (!answer.remark.empty())
                remark(fmt::format("{}: {} {}: {}", name_of(circuit), message.topic,
                                   answer.messages.empty() ? "met silence" : "was refused",
                                   answer.remark));
        }
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
