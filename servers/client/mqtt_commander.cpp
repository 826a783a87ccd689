#include "servers/client/mqtt_commander.hpp"

#include "models/faces/mqtt_commands.hpp"

#include <utility>

namespace kpmsim {

MqttCommander::MqttCommander(std::string name, std::vector<CommandOrder> orders)
    : name_{std::move(name)}, orders_{std::move(orders)} {}

SimTime MqttCommander::next_event() const {
    return given_ < orders_.size() ? orders_[given_].at : SimTime::max();
}

void MqttCommander::advance(SimTime to) {
    while (next_event() <= to)
        give(orders_[given_++]);
}

void MqttCommander::give(const CommandOrder& order) {
    const std::string& meter = order.circuit->meter().spec().name;
    const auto note = [&](ClientEvent event, std::string what, std::string text) {
        log_.push_back(
            {order.at, event, meter, order.circuit->index(), std::move(what), 0, std::move(text)});
    };
    note(ClientEvent::request, order.topic, order.payload);
    const CommandAnswer answer = answer_command(*order.circuit, order.topic, order.payload);
    for (const Upload& each : answer.messages)
        note(ClientEvent::answer, each.topic, each.payload);
    if (answer.messages.empty())
        note(ClientEvent::failure, order.topic,
             answer.remark.empty() ? "silence" : "silence: " + answer.remark);
}

} // namespace kpmsim
