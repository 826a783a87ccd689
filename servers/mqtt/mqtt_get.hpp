#pragma once

#include "files/mqtt_url.hpp"
#include "sim/result.hpp"

#include <chrono>
#include <string>

namespace kpmsim {

/// The payload of the message that a broker keeps on a topic or, if it keeps none, of the next one, or why there is
/// none. Waits, in a thread of its own.
Result<std::string, std::string> mqtt_get(const MqttEndpoint& broker, const std::string& topic,
                                          std::chrono::seconds patience);

} // namespace kpmsim
