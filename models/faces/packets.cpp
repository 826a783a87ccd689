#include "models/faces/packets.hpp"

#include "models/faces/json_writer.hpp"
#include "models/faces/whole_turn.hpp"
#include "sim/iso_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace kpmsim {

namespace {

void append_field(std::string& json, const UploadField& field, double value) {
    const std::string_view quote = field.as_text ? "\"" : "";
    json += quote;
    append_number(json, value / field.scale, field.decimals, field.truncate);
    json += quote;
}

/// In the point's unit. A moment that never was is 0, also by UTC.
double number_of(const UploadField& field, const MeterView& meter, int circuit) {
    const double step = field.truncate ? 0 : field.scale * std::pow(10.0, -field.decimals);
    const double value = less_whole_turn(meter.spec->type->points[field.point],
                                         number(meter, field.point, circuit), step);
    const std::chrono::duration<double> ahead = meter.spec->ahead_of_utc;
    return field.utc && value != 0 ? value - ahead.count() : value;
}

/// One message of one circuit.
class MessageWriter {
public:
    MessageWriter(const MeterView& meter, int circuit, CivilTime stamp)
        : meter_{meter}, circuit_{circuit}, stamp_{stamp} {}

    std::string topic(const std::string& pattern) const {
        const auto literal = [](std::string word) {
            std::replace_if(
                word.begin(), word.end(), [](char c) { return c == '+' || c == '#' || c == 0; },
                '_');
            return word;
        };
        return filled(pattern, literal);
    }

    void append(std::string& json, const PayloadNode& node) const {
        switch (node.kind) {
        case PayloadNode::Kind::literal:
            json += node.text;
            return;
        case PayloadNode::Kind::text:
            return append_text(json, filled(node.text, [](std::string word) { return word; }));
        case PayloadNode::Kind::point:
            return append_point(json, node.field);
        case PayloadNode::Kind::time:
            return append_time(json, node);
        case PayloadNode::Kind::object:
        case PayloadNode::Kind::list:
            return append_parts(json, node);
        }
    }

private:
    std::string word(const std::string& name) const {
        return name == "serial"    ? serial_of(meter_, circuit_)
               : name == "name"    ? meter_.spec->name
               : name == "circuit" ? fmt::to_string(circuit_ + 1)
               : name == "model"   ? meter_.spec->type->name
               : name == "inputs"  ? bits(meter_.spec->type->input_points)
               : name == "relays"  ? bits(meter_.spec->type->relay_points)
                                   : iso_text(stamp_);
    }

    /// Eight hexadecimal digits; bit 0 is the first.
    std::string bits(const std::vector<PointId>& points) const {
        std::uint32_t set = 0;
        for (std::size_t n = 0; n < points.size(); ++n)
            set |= std::uint32_t{number(meter_, points[n], circuit_) != 0} << n;
        return fmt::format("{:08X}", set);
    }

    /// The text with each {word} replaced; the loader knows them all.
    template <class Change>
    std::string filled(const std::string& text, Change&& change) const {
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t open = text.find('{', at);
            out += text.substr(at, open - at);
            if (open == std::string::npos)
                break;
            const std::size_t shut = text.find('}', open);
            out += change(word(text.substr(open + 1, shut - open - 1)));
            at = shut + 1;
        }
        return out;
    }

    void append_point(std::string& json, const UploadField& field) const {
        if (meter_.spec->type->points[field.point].text)
            append_text(json, text(meter_, field.point, circuit_));
        else if (!has_value(meter_, field.point, circuit_))
            json += "null";
        else
            append_field(json, field, number_of(field, meter_, circuit_));
    }

    void append_time(std::string& json, const PayloadNode& node) const {
        const std::int64_t seconds = stamp_.time_since_epoch().count();
        const bool number = node.time == TimeFormat::unix_s || node.time == TimeFormat::unix_ms;
        const std::string text = node.time == TimeFormat::iso       ? iso_text(stamp_)
                                 : node.time == TimeFormat::compact ? compact_text(stamp_)
                                 : node.time == TimeFormat::unix_s  ? fmt::to_string(seconds)
                                                                   : fmt::to_string(1000 * seconds);
        if (number && !node.field.as_text)
            json += text;
        else
            append_text(json, text);
    }

    void append_parts(std::string& json, const PayloadNode& node) const {
        const bool object = node.kind == PayloadNode::Kind::object;
        json += object ? '{' : '[';
        bool first = true;
        for (std::size_t n = 0; n < node.parts.size(); ++n) {
            if (node.parts[n].kind == PayloadNode::Kind::point &&
                !goes_out(node.parts[n].field, *meter_.spec))
                continue;
            json += std::exchange(first, false) ? "" : ",";
            if (object) {
                append_text(json, node.parts[n].key);
                json += ':';
            }
            append(json, node.parts[n]);
        }
        json += object ? '}' : ']';
    }

    const MeterView& meter_;
    int circuit_;
    CivilTime stamp_;
};

} // namespace

bool goes_out(const UploadField& field, const MeterSpec& spec) {
    return !field.optional || fitted(spec, spec.type->points[field.point]);
}

std::vector<std::string> packets(const UploadTopic& topic, const MeterView& meter, int circuit,
                                 CivilTime stamp, std::string_view behind_id) {
    const std::string id = serial_of(meter, circuit);
    std::vector<std::string> all;
    const std::string time = compact_text(stamp);
    for (const std::vector<UploadField>& packet : topic.packets) {
        std::string fields;
        for (const UploadField& field : packet) {
            if (!goes_out(field, *meter.spec))
                continue;
            append_text(fields, field.key);
            fields += ':';
            append_field(fields, field, number_of(field, meter, circuit));
            fields += ',';
        }
        if (fields.empty())
            continue;
        std::string json = "{\"id\":";
        append_text(json, id);
        json += ',';
        json += behind_id;
        json += fields;
        all.push_back(std::move(json));
    }
    for (std::size_t n = 0; n < all.size(); ++n)
        all[n] +=
            fmt::format("\"time\":\"{}\",\"isend\":\"{}\"}}", time, n + 1 == all.size() ? 1 : 0);
    return all;
}

std::vector<Upload> uploads(const UploadTopic& topic, const MeterView& meter, int circuit,
                            CivilTime stamp) {
    std::vector<Upload> all;
    for (std::string& packet : packets(topic, meter, circuit, stamp))
        all.push_back({topic.topic, std::move(packet)});
    const MessageWriter writer{meter, circuit, stamp};
    for (const UploadMessage& message : topic.messages) {
        all.push_back({writer.topic(message.topic), ""});
        writer.append(all.back().payload, message.payload);
    }
    return all;
}

} // namespace kpmsim
