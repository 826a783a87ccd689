#include "cli/serve/command_desk.hpp"

#include "models/faces/mqtt_commands.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace kpmsim {
namespace {

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
            if (answer.remark.empty())
                continue;
            const std::string line = remarks_.say(
                name_of(circuit), message.topic,
                answer.messages.empty() ? "met silence" : "was refused", answer.remark);
            if (!line.empty())
                spdlog::info(line);
        }
    };
    return inbox;
}

} // namespace kpmsim
