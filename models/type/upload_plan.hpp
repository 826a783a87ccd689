#pragma once

#include "models/type/point.hpp"

#include <string>
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
};

/// The packets of one topic, in order; the last carries isend "1".
struct UploadTopic {
    std::string topic; ///< MQTT_RT_DATA
    std::vector<std::vector<UploadField>> packets;
};

struct UploadPlan {
    UploadTopic realtime; ///< every second_interval_s seconds
    UploadTopic energy;   ///< every minute_interval_min minutes
    int realtime_delay_s{
        1}; ///< on a full minute the energies go first and the realtime packets this much later
    bool empty() const { return realtime.packets.empty() && energy.packets.empty(); }
};

} // namespace kpmsim
