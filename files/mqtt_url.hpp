#pragma once

#include "files/mistake.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// Where a meter uploads to: mqtt://[account[:password]@]host[:port], or mqtts:// for TLS.
struct MqttEndpoint {
    std::string host{"127.0.0.1"};
    unsigned short port{1883};
    std::string account;
    std::string password; ///< never logged
    bool tls{false};

    bool operator==(const MqttEndpoint&) const = default;
};
/// The fault shows nothing of the text: what looks like a port may be the tail of a password with an
/// unescaped / or @ in it.
std::optional<MqttEndpoint> parse_mqtt_url(std::string_view url, Fault& fault);
/// host:port
std::string to_text(const MqttEndpoint& endpoint);

} // namespace kpmsim
