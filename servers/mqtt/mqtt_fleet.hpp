#pragma once

#include "files/mqtt_url.hpp"
#include "servers/line/traffic.hpp"
#include "servers/mqtt/mqtt_tls.hpp"
#include "servers/net/event_loop.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kpmsim {

struct MqttOptions {
    int qos{0};          ///< 0 to 2
    int keepalive_s{60}; ///< 5 to 65535, or 0 for none
    std::chrono::milliseconds handshake_timeout{10'000};
    /// The pause before the next attempt doubles from the first to the longest; each client's own
    /// differs by up to a quarter, so that a farm does not come back in one burst.
    std::chrono::milliseconds first_pause{1'000};
    std::chrono::milliseconds longest_pause{30'000};
    MqttTls tls; ///< for brokers whose URL asks for it
};

struct MqttMessage {
    std::string topic, payload;
};

/// What a client listens to, and who is told.
struct MqttInbox {
    std::vector<std::string> topics; ///< filters (MQTT 3.1.1, 4.7)
    std::function<void(const MqttMessage&)> take;
};

/// One libmosquitto client per meter, whatever its circuits, all on one event loop: connects (at most 64 handshakes at a
/// time with each broker), reconnects with a growing pause, and says once per broker when it is
/// down and once when it is back. Nothing here waits: names are looked up and connections opened
/// in the background, so that a broker that does not answer harms no client of another one.
/// All calls on the loop's thread.
class MqttFleet {
public:
    explicit MqttFleet(EventLoop& loop, const MqttOptions& options = {});
    ~MqttFleet(); ///< disconnects all

    /// A client; its number is its handle. `id` becomes the client id (not empty). Throws
    /// CannotListen where TLS is asked for and one of its files is wrong. The inbox is subscribed to
    /// at each connection, with the quality of service of the uploads; taking a message, one may
    /// publish an answer to it.
    std::size_t add(const std::string& id, const MqttEndpoint& endpoint, MqttInbox inbox = {});
    /// Says goodbye and forgets the client; its number may be given to another one.
    void remove(std::size_t client);
    /// Clients are new, or were let go, and neither connected nor refused yet.
    bool coming() const;
    /// Gives a message to the client. One that is coming() keeps 64 KiB, and sends them when it is up or
    /// drops them when its attempt fails. While it is not connected, or when the broker has not taken
    /// the last 256 KiB of it (64 MiB of all clients), the message is dropped and counted: these
    /// meters keep no backlog. What a connection takes with it when it is lost counts as dropped,
    /// too: traffic().published is what the broker's host took (QoS 0) or the broker acknowledged.
    void publish(std::size_t client, const std::string& topic, const std::string& payload,
                 bool retain = false);

    /// Loses the client's connection, if it has one; it comes back as after any loss.
    void drop(std::size_t client);
    /// Its connection ends without a word, so that its broker publishes its will if it has one, and it
    /// finds none until it is let go.
    void hold(std::size_t client, bool held);
    /// Holds it as well, but behind what it was given: its connection ends without a word once its broker
    /// has had that, and at the latest after 0.8 s; one that is coming comes, says it, and goes.
    void leave(std::size_t client);

    /// Calls `done` when the brokers have had every message so far, and no client is coming():
    /// acknowledged it, or with QoS 0 answered a PINGREQ behind the last one. `missing`: messages for
    /// which no such sign came within
    /// `patience`, or whose connection was lost meanwhile, or never came up. One at a time.
    void settle(std::chrono::milliseconds patience, std::function<void(std::size_t missing)> done);

    /// Called whenever a client has come up or is up no more.
    void on_change(std::function<void(std::size_t client, bool connected)> handler);

    std::size_t size() const;
    std::size_t connected() const;
    /// `connections`: sessions that a broker opened for a client, reconnections included.
    const Traffic& traffic() const;
    /// Flushes and disconnects; calls `done` when the last client is closed, at the latest after a
    /// second.
    void close(std::function<void()> done);

private:
    struct Parts;
    std::shared_ptr<Parts> parts_;
};

} // namespace kpmsim
