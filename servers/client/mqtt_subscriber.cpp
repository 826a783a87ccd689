#include "servers/client/mqtt_subscriber.hpp"

#include "files/number.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace kpmsim {
namespace {

using Json = nlohmann::json;

Ledger::Plan books_of(const SubscriberPlan& plan) {
    Ledger::Plan books = plan.books;
    books.every = plan.every;
    books.mistakes = plan.mistakes;
    return books;
}

std::string text_at(const Json& packet, const char* key) {
    const auto found = packet.find(key);
    if (found == packet.end())
        return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::map<std::string, double> numbers_of(const Json& packet) {
    std::map<std::string, double> numbers;
    for (const auto& [key, value] : packet.items()) {
        if (key == "id" || key == "time" || key == "isend")
            continue;
        if (value.is_number())
            numbers[key] = value.get<double>();
        else if (value.is_string())
            if (const auto number = read_number(value.get<std::string>()))
                numbers[key] = *number;
    }
    return numbers;
}

/// The field of the type's packets that has the key; null when none has.
const UploadField* field_of(const MeterType& type, const std::string& key) {
    for (const UploadPlan* plan : {&type.upload, &type.upload_4g})
        for (const UploadTopic* topic : plan->topics())
            for (const auto& packet : topic->packets)
                for (const UploadField& field : packet)
                    if (field.key == key)
                        return &field;
    return nullptr;
}

} // namespace

MqttSubscriber::MqttSubscriber(SubscriberPlan plan)
    : plan_{std::move(plan)}, ledger_{books_of(plan_)} {}

SimTime MqttSubscriber::next_event() const {
    SimTime next = SimTime::max();
    for (const auto& [name, record] : joining_)
        next = std::min(next, record.begun + plan_.patience);
    return next;
}

void MqttSubscriber::advance(SimTime to) {
    while (!joining_.empty()) {
        const auto oldest =
            std::min_element(joining_.begin(), joining_.end(), [](const auto& a, const auto& b) {
                return a.second.begun < b.second.begun;
            });
        const SimTime at = oldest->second.begun + plan_.patience;
        if (at > to)
            return;
        const ClientSender* const who = sender(oldest->second.id);
        log_.push_back({at, ClientEvent::failure, who != nullptr ? who->meter : "",
                        who != nullptr ? who->circuit : 0, oldest->first.topic, 0,
                        fmt::format("a record of {} lacks packets", oldest->second.id)});
        joining_.erase(oldest);
    }
}

void MqttSubscriber::hear(SimTime at, const std::string& topic, const std::string& payload) {
    advance(at);
    if (topic.ends_with("_REP") || topic.ends_with("_REPLY"))
        return; // an answer, to whoever has asked
    const Json packet = Json::parse(payload, nullptr, false);
    if (!packet.is_object()) {
        log_.push_back({at, ClientEvent::failure, {}, 0, topic, 0, "no JSON object"});
        return;
    }
    RecordName of{topic, text_at(packet, "id"), text_at(packet, "time")};
    const std::string isend = text_at(packet, "isend");
    if (of.id.empty() || of.time.empty() || isend.empty()) {
        log_.push_back({at, ClientEvent::failure, {}, 0, topic, 0, "no id, time or isend"});
        return;
    }
    take_packet(at, of, isend != "0", numbers_of(packet));
}

void MqttSubscriber::take_packet(SimTime at, const RecordName& of, bool last,
                                 const std::map<std::string, double>& keys) {
    RecordName joined = of;
    if (does(ClientMistake::join_by_topic))
        joined = {of.topic, {}, {}};
    Joining& record = joining_[joined];
    if (record.packets++ == 0)
        record.begun = at;
    record.id = of.id;
    for (const auto& [key, value] : keys)
        record.keys.insert_or_assign(key, value);
    if (!last && !does(ClientMistake::ignore_isend))
        return;
    const Joining whole = std::move(record);
    joining_.erase(joined);
    finish(at, of, whole);
}

void MqttSubscriber::finish(SimTime at, const RecordName& of, const Joining& record) {
    const ClientSender* const who = sender(record.id);
    if (who == nullptr) {
        log_.push_back({at,
                        ClientEvent::alarm,
                        {},
                        0,
                        of.topic,
                        0,
                        fmt::format("nobody knows {}", record.id)});
        return;
    }
    if (!had_.insert(of).second && !does(ClientMistake::ignore_isend) &&
        !does(ClientMistake::join_by_topic)) {
        log_.push_back({at, ClientEvent::alarm, who->meter, who->circuit, of.topic, 0,
                        "the record was there already"});
        return;
    }
    std::erase_if(had_, [&](const RecordName& one) {
        return one.topic == of.topic && one.id == of.id && one.time < of.time;
    });
    log_.push_back({at,
                    ClientEvent::record,
                    who->meter,
                    who->circuit,
                    of.topic,
                    static_cast<double>(record.keys.size()),
                    {}});
    for (const auto& [key, number] : record.keys) {
        const UploadField* const field = field_of(*who->type, key);
        if (field == nullptr) {
            log_.push_back({at, ClientEvent::failure, who->meter, who->circuit, key, number,
                            "no key of this meter"});
            continue;
        }
        const ClientEntry value{at,
                                ClientEvent::value,
                                who->meter,
                                who->circuit,
                                who->type->points[field->point].name,
                                number * field->scale,
                                {}};
        log_.push_back(value);
        ledger_.take(value, log_);
    }
}

const ClientSender* MqttSubscriber::sender(const std::string& id) const {
    const auto at = std::find_if(plan_.senders.begin(), plan_.senders.end(),
                                 [&](const ClientSender& one) { return one.serial == id; });
    return at == plan_.senders.end() ? nullptr : &*at;
}

} // namespace kpmsim
