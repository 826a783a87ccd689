#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace kpmsim {

namespace {

/// One mqtt.toml being read.
class UploadReader {
public:
    UploadReader(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes)
        : file_{file}, type_{type}, mistakes_{mistakes} {}

    void read();

private:
    void read_fields(TomlTable& table);
    void read_field(const std::string& key, const TomlNode& node);
    void read_commands(TomlTable& table);
    void check_identity(TomlTable& table, bool packets);
    UploadTopic read_topic(TomlTable& table, const std::string& key);
    void read_packet(const TomlNode& list, UploadTopic& topic);

    const TomlNode& file_;
    MeterType& type_;
    std::vector<Mistake>& mistakes_;
    std::map<std::string, UploadField> fields_;
    std::map<std::string, Place> unused_;
    std::set<std::string> broken_; ///< fields whose mistake is already noted
};

void UploadReader::read() {
    TomlTable table{file_, "the uploads", mistakes_};
    type_.upload_source = required_text(table, "source", "source = \"MQTT protocol V1.9\"");
    const int delay = static_cast<int>(table.integer("realtime_delay_s", 0, 59).value_or(1));
    read_fields(table);
    const auto plan = [&](const std::string& carrier) {
        return UploadPlan{read_topic(table, "realtime" + carrier),
                          read_topic(table, "energy" + carrier),
                          read_topic(table, "day" + carrier),
                          read_topic(table, "freeze" + carrier),
                          {},
                          read_topic(table, "recall" + carrier),
                          delay};
    };
    type_.upload = plan("");
    type_.upload_4g = plan("_4g");
    each_table(table, "message", mistakes_,
               [&](const TomlNode& node) { read_message(node, type_, mistakes_); });
    if (!type_.upload_4g.empty()) // what it does not spread otherwise goes out as over WiFi
        for (const auto topic : {&UploadPlan::realtime, &UploadPlan::energy, &UploadPlan::day,
                                 &UploadPlan::freeze, &UploadPlan::change, &UploadPlan::recall}) {
            UploadTopic& over_4g = type_.upload_4g.*topic;
            if (over_4g.packets.empty())
                over_4g = type_.upload.*topic;
            else
                over_4g.messages = (type_.upload.*topic).messages;
        }
    read_commands(table);
    const bool packets = table.node("realtime") != nullptr || table.node("energy") != nullptr;
    if (packets && table.node("fields") == nullptr)
        table.missing("fields", "[fields] ua = \"u_a\"");
    if (!packets && table.node("message") == nullptr)
        table.missing("message", "[[message]], or [fields] and [realtime] or [energy]");
    check_identity(table, packets);
    table.finish();
    for (const auto& [key, place] : unused_)
        mistakes_.push_back({place, fmt::format("field \"{}\" is in no packet", key),
                             "put it into a packet or remove it"});
    for (const auto& [role, topic] : {std::pair{Role::upload_seconds, &type_.upload.realtime},
                                      std::pair{Role::upload_minutes, &type_.upload.energy}})
        if (!topic->empty() && type_.setting(role) == nullptr)
            mistakes_.push_back(
                {file_.place,
                 fmt::format("uploads need a setting with the role {}", info(role).name),
                 "add it to meter.toml"});
}

void UploadReader::read_commands(TomlTable& table) {
    for (const std::string& name : table.texts("commands").value_or(std::vector<std::string>{})) {
        const auto command = find_mqtt_command(name);
        if (command) {
            type_.mqtt_commands.push_back(*command);
            continue;
        }
        std::vector<std::string> known;
        for (const MqttCommand each : all_mqtt_commands())
            known.emplace_back(name_of(each));
        const std::string near = nearest(name, known);
        table.wrong("commands", fmt::format("unknown command \"{}\"", name),
                    near.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                                 : "nearest: " + near);
    }
}

/// Packets carry the serial number, and it is what a client of the broker calls itself.
void UploadReader::check_identity(TomlTable& table, bool packets) {
    const SerialRule::Form form = type_.serial.form;
    if (form == SerialRule::Form::none)
        table.wrong("source", "a meter without a serial number uploads nothing",
                    "add [serial] to meter.toml");
    if (form == SerialRule::Form::pattern && type_.circuits > 1)
        table.wrong("source", "circuits with one serial number cannot each have a client",
                    "only a meter of one circuit uploads with a pattern in [serial]");
    if (form == SerialRule::Form::pattern && packets)
        for (const char* key : {"realtime_4g", "energy_4g", "day_4g", "freeze_4g", "recall_4g"})
            if (table.node(key) != nullptr)
                table.wrong(key, "a serial number by a pattern tells no carrier",
                            "write the tables without _4g alone");
}

void UploadReader::read_fields(TomlTable& table) {
    if (const TomlNode* fields = table.table("fields"))
        for (const auto& [key, node] : std::get<TomlEntries>(fields->value))
            read_field(key, node);
}

void UploadReader::read_field(const std::string& key, const TomlNode& node) {
    UploadField field;
    field.key = key;
    const std::size_t before = mistakes_.size();
    if (const auto* text = std::get_if<std::string>(&node.value)) {
        if (const auto found = named_point(type_, *text, node.place, mistakes_))
            field.point = *found;
    } else if (node.is_table()) {
        TomlTable t{node, fmt::format("field {}", key), mistakes_};
        read_upload_field(t, type_, field, mistakes_);
        t.finish();
    } else {
        mistakes_.push_back({node.place, fmt::format("field \"{}\" names no point", key),
                             "write \"u_a\" or { point = \"p\", scale = 1000 }"});
    }
    if (mistakes_.size() == before && type_.points[field.point].text)
        mistakes_.push_back({node.place, fmt::format("field \"{}\" is a text", key),
                             "a packet's fields are numbers; texts go into a [[message]]"});
    if (mistakes_.size() != before)
        broken_.insert(key);
    fields_[key] = field;
    unused_[key] = node.place;
}

UploadTopic UploadReader::read_topic(TomlTable& table, const std::string& key) {
    UploadTopic topic;
    const TomlNode* node = table.table(key);
    if (node == nullptr)
        return topic;
    TomlTable t{*node, key, mistakes_};
    topic.topic = required_text(t, "topic", "topic = \"MQTT_RT_DATA\"");
    if (t.node("packets") == nullptr)
        t.missing("packets", "packets = [[\"ua\", \"ub\"], [\"uc\"]]");
    if (const TomlNode* packets = t.array("packets"))
        for (const TomlNode& packet : std::get<TomlArray>(packets->value))
            read_packet(packet, topic);
    if (const auto firmware = t.choice("firmware", {ruling_names().begin(), ruling_names().end()}))
        topic.firmware = find_ruling(*firmware);
    t.finish();
    return topic;
}

void UploadReader::read_packet(const TomlNode& list, UploadTopic& topic) {
    if (!list.is_array()) {
        mistakes_.push_back({list.place, "a packet is a list of keys", "write [[\"ua\", \"ub\"]]"});
        return;
    }
    std::vector<UploadField> packet;
    for (const TomlNode& item : std::get<TomlArray>(list.value)) {
        const auto* key = std::get_if<std::string>(&item.value);
        const auto found = key == nullptr ? fields_.end() : fields_.find(*key);
        if (found == fields_.end()) {
            std::vector<std::string> known;
            for (const auto& [name, field] : fields_)
                known.push_back(name);
            const std::string near = key == nullptr ? "" : nearest(*key, known);
            mistakes_.push_back({item.place,
                                 fmt::format("unknown field \"{}\"", key == nullptr ? "" : *key),
                                 near.empty() ? "add it to [fields]" : "nearest: " + near});
            continue;
        }
        unused_.erase(*key);
        if (!broken_.contains(*key))
            packet.push_back(found->second);
    }
    topic.packets.push_back(std::move(packet));
}

} // namespace

void read_uploads(const TomlNode& file, MeterType& type, std::vector<Mistake>& mistakes) {
    UploadReader{file, type, mistakes}.read();
}

} // namespace kpmsim
