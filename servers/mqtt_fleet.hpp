#pragma once

#include "servers/event_loop.hpp"
#include "servers/traffic.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kpmsim {

/// Where a meter uploads to: mqtt://[account:password@]host[:port]
struct MqttEndpoint {
    std::string host{"127.0.0.1"};
    unsigned short port{1883};
    std::string account;
    std::string password; ///< never logged
};
/// Throws CannotListen with a sentence that does not show the password.
MqttEndpoint parse_mqtt_url(const std::string& url);
/// host:port
std::string to_text(const MqttEndpoint& endpoint);

struct MqttOptions {
    int qos{0};
    bool retain{false};
    int keepalive_s{60};
};

/// One libmosquitto client per meter, all on one event loop: connects (at most 64 handshakes at a
/// time), reconnects with a growing pause (1 s to 30 s), and says once per broker when it is down
/// and once when it is back.
class MqttFleet {
public:
    explicit MqttFleet(EventLoop& loop, MqttOptions options = {});
    ~MqttFleet(); ///< disconnects all

    /// A client; its number is its handle. `id` becomes the client id.
    std::size_t add(const std::string& id, const MqttEndpoint& endpoint);
    /// Gives a message to the client. While it is not connected the message is dropped and counted:
    /// these meters keep no backlog.
    void publish(std::size_t client, const std::string& topic, const std::string& payload);

    std::size_t size() const;
    std::size_t connected() const;
    const Traffic& traffic() const;
    /// Flushes and disconnects; calls `done` when the last client is closed, at the latest after a
    /// second.
    void close(std::function<void()> done);

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
