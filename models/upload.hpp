#pragma once

#include "models/device.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// One MQTT message, ready to be published.
struct Upload {
    std::string topic;
    std::string payload;
};

/// The plan that a meter with this serial follows: the 4G one when its carrier digit is 1 and the
/// type has one.
const UploadPlan& upload_plan(const DeviceType& type, const std::string& serial);

/// The messages that a loop sends at the full second `site` (civil time of the site), in order;
/// mostly none. On the minute grid MQTT_ENY_NOW goes first, MQTT_RT_DATA one second later with the
/// same `time` (V1.9 and the captures). The grid is that of the meter's own clock. A pure function:
/// the readings are the device's present ones.
std::vector<Upload> uploads_at(const Device& device, CivilTime site);

/// The packets of one topic from a state, whatever the schedule: for tests and previews.
std::vector<std::string> packets(const UploadTopic& topic, const std::string& id,
                                 const MeterState& state, CivilTime stamp);

} // namespace kpmsim
