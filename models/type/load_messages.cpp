#include "models/type/load_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace kpmsim {

namespace {

constexpr std::array time_formats{TimeFormat::iso, TimeFormat::compact, TimeFormat::unix_s,
                                  TimeFormat::unix_ms};

/// One [[message]] being read.
class MessageReader {
public:
    MessageReader(TomlTable& t, const MeterType& type, std::vector<Mistake>& mistakes)
        : t_{t}, type_{type}, mistakes_{mistakes} {}

    UploadMessage read() {
        UploadMessage message;
        message.topic = required_text(t_, "topic", "topic = \"meters/{serial}/power\"");
        if (t_.node("topic") != nullptr)
            check_topic(message.topic);
        if (t_.node("payload") == nullptr)
            t_.missing("payload", "[message.payload] u = { point = \"u_a\" }");
        else if (const TomlNode* payload = t_.table("payload"))
            message.payload = object(*payload);
        return message;
    }

private:
    void check_topic(const std::string& topic) {
        check_words(topic, t_.place_of("topic"), {"serial", "name", "circuit", "model"});
        if (topic.empty() || topic.size() > 200 ||
            topic.find_first_of(std::string_view{"+#\0", 3}) != std::string::npos)
            t_.wrong("topic", fmt::format("\"{}\" is no topic to publish to", topic),
                     "write 1 to 200 characters without + and #");
    }

    /// Every {word} in a text must be one that is filled in.
    void check_words(const std::string& text, const Place& place,
                     const std::set<std::string>& known) {
        for (std::size_t open = text.find('{'); open != std::string::npos;
             open = text.find('{', open + 1)) {
            const std::size_t shut = text.find('}', open);
            const std::string word = text.substr(
                open + 1, shut == std::string::npos ? std::string::npos : shut - open - 1);
            if (shut != std::string::npos && known.contains(word))
                continue;
            std::string all;
            for (const std::string& each : known)
                all += fmt::format("{}{{{}}}", all.empty() ? "" : ", ", each);
            mistakes_.push_back(
                {place, fmt::format("nothing is filled in for \"{{{}}}\"", word), "known: " + all});
        }
    }

    PayloadNode node(const TomlNode& node) {
        PayloadNode out;
        if (node.is_table())
            return node.find("point") != nullptr  ? number(node)
                   : node.find("time") != nullptr ? time(node)
                                                  : object(node);
        if (const auto* text = std::get_if<std::string>(&node.value)) {
            check_words(*text, node.place,
                        {"serial", "name", "circuit", "model", "time", "inputs", "relays"});
            out.kind = PayloadNode::Kind::text;
            out.text = *text;
        } else if (const auto* list = std::get_if<TomlArray>(&node.value)) {
            out.kind = PayloadNode::Kind::list;
            for (const TomlNode& item : *list)
                out.parts.push_back(this->node(item));
        } else if (const auto* flag = std::get_if<bool>(&node.value)) {
            out.text = *flag ? "true" : "false";
        } else if (const auto* whole = std::get_if<std::int64_t>(&node.value)) {
            out.text = fmt::to_string(*whole);
        } else {
            const double real = std::get<double>(node.value);
            if (!std::isfinite(real))
                mistakes_.push_back({node.place, fmt::format("JSON has no {}", real),
                                     "write a number, or \"nan\" in quotes for a text"});
            out.text = fmt::to_string(real);
        }
        return out;
    }

    PayloadNode object(const TomlNode& node) {
        PayloadNode out;
        out.kind = PayloadNode::Kind::object;
        for (const auto& [key, value] : std::get<TomlEntries>(node.value)) {
            out.parts.push_back(this->node(value));
            out.parts.back().key = key;
        }
        return out;
    }

    PayloadNode number(const TomlNode& node) {
        PayloadNode out;
        out.kind = PayloadNode::Kind::point;
        TomlTable t{node, "payload", mistakes_};
        const std::size_t before = mistakes_.size();
        read_upload_field(t, type_, out.field, mistakes_);
        if (mistakes_.size() == before && type_.points[out.field.point].text)
            for (const char* key : {"scale", "decimals", "truncate"})
                if (t.node(key) != nullptr)
                    t.wrong(key,
                            fmt::format("\"{}\" is a text", type_.points[out.field.point].name),
                            fmt::format("leave {} out", key));
        t.finish();
        return out;
    }

    PayloadNode time(const TomlNode& node) {
        PayloadNode out;
        out.kind = PayloadNode::Kind::time;
        TomlTable t{node, "payload", mistakes_};
        std::vector<std::string> names;
        for (const TimeFormat each : time_formats)
            names.emplace_back(name_of(each));
        if (const auto chosen = t.choice("time", names))
            out.time = time_formats[static_cast<std::size_t>(
                std::find(names.begin(), names.end(), *chosen) - names.begin())];
        out.field.as_text = t.boolean("as_text").value_or(false);
        t.finish();
        return out;
    }

    TomlTable& t_;
    const MeterType& type_;
    std::vector<Mistake>& mistakes_;
};

} // namespace

void read_upload_field(TomlTable& t, const MeterType& type, UploadField& field,
                       std::vector<Mistake>& mistakes) {
    const std::string name = required_text(t, "point", "point = \"p\"");
    field.scale = t.node("scale") == nullptr ? 1.0 : required_positive(t, "scale", "scale = 1000");
    field.decimals = static_cast<int>(t.integer("decimals", 0, 9).value_or(3));
    field.truncate = t.boolean("truncate").value_or(false);
    field.as_text = t.boolean("as_text").value_or(false);
    field.utc = t.boolean("utc").value_or(false);
    field.optional = t.boolean("optional").value_or(false);
    if (name.empty())
        return;
    const auto found = named_point(type, name, t.place_of("point"), mistakes);
    if (found && !may_read(type.points[*found].rights))
        t.wrong("point", fmt::format("\"{}\" is not read", name), "name a value");
    else if (found)
        field.point = *found;
}

void read_message(const TomlNode& node, MeterType& type, std::vector<Mistake>& mistakes) {
    TomlTable t{node, "message", mistakes};
    if (t.node("every") == nullptr)
        t.missing("every", "every = \"realtime\" (or \"energy\"): the grid it goes by");
    const auto every = t.choice("every", {"realtime", "energy", "change"});
    if (every == "change" && type.coils == 0 && type.inputs == 0)
        t.wrong("every", "nothing of this meter changes: it has no inputs and no relays",
                "add [inputs] or [relays] to meter.toml, or write \"realtime\" or \"energy\"");
    UploadMessage message = MessageReader{t, type, mistakes}.read();
    t.finish();
    UploadTopic& topic = every == "energy"   ? type.upload.energy
                         : every == "change" ? type.upload.change
                                             : type.upload.realtime;
    topic.messages.push_back(std::move(message));
}

} // namespace kpmsim
