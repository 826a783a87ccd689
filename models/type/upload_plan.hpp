#pragma once

#include "models/type/point.hpp"
#include "models/type/ruling.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// One key of an MQTT packet: `{ key = "zyggl", point = "p", scale = 1000, decimals = 4 }`.
struct UploadField {
    std::string key;
    PointId point{};
    double scale{1.0}; ///< the packet's number is value / scale (1000: W to kW)
    int decimals{3};
    bool truncate{false}; ///< pf: cut, not rounded
    bool as_text{false};  ///< a quoted string (dmpmaxoct)
    bool utc{false};      ///< a moment of the meter's clock, sent as that of UTC
    bool optional{false}; ///< left out where the unit has not what it is about
};

/// How a message writes the moment that it is of.
enum class TimeFormat : std::uint8_t {
    iso,     ///< "2026-01-12T16:39:00"
    compact, ///< "20260112163900"
    unix_s,  ///< 1768235940, seconds since 1970 of the meter's clock
    unix_ms,
};
std::string_view name_of(TimeFormat format);

/// One value of a message's JSON.
struct PayloadNode {
    enum class Kind : std::uint8_t {
        literal, ///< `text` as it is
        text,    ///< `text` with its {words} filled in
        point,   ///< `field`; null without a value
        time,    ///< the moment, as `time` says
        object,  ///< `parts` under their keys
        list,    ///< `parts`
    };
    Kind kind{Kind::literal};
    std::string key; ///< inside an object
    std::string text;
    UploadField field;
    TimeFormat time{TimeFormat::iso};
    std::vector<PayloadNode> parts;
};

/// A message of a maker's own shape.
struct UploadMessage {
    std::string topic; ///< "meters/{serial}/power"
    PayloadNode payload;
};

/// What goes out at one moment: the packets of a topic, in order, the last of which carries isend
/// "1", and messages with topics of their own.
struct UploadTopic {
    std::string topic; ///< MQTT_RT_DATA
    std::vector<std::vector<UploadField>> packets;
    std::vector<UploadMessage> messages;
    std::optional<Ruling> firmware; ///< only a unit that follows it sends this

    bool empty() const { return packets.empty() && messages.empty(); }
    bool sent_by(const Rulings& unit) const {
        return !empty() && (!firmware || unit.has(*firmware));
    }
};

struct UploadPlan {
    UploadTopic realtime; ///< every second_interval_s seconds
    UploadTopic energy;   ///< every minute_interval_min minutes
    UploadTopic day;      ///< at 0:00 of the meter's clock
    UploadTopic freeze;   ///< at each settlement moment
    UploadTopic change;   ///< when an input or a relay of a circuit has changed
    UploadTopic recall;   ///< the answer to a command that asks for a month's freeze
    int realtime_delay_s{
        1}; ///< on a full minute the energies go first and the realtime packets this much later
    std::array<const UploadTopic*, 6> topics() const {
        return {&realtime, &energy, &day, &freeze, &change, &recall};
    }
    bool empty() const {
        const auto all = topics();
        return std::all_of(all.begin(), all.end(),
                           [](const auto* topic) { return topic->empty(); });
    }
};

} // namespace kpmsim
