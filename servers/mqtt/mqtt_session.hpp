#pragma once

#include "servers/mqtt/mqtt_fleet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct mosquitto;

namespace kpmsim {

/// What all sessions of a fleet add up.
struct MqttTally {
    Traffic traffic;
    std::size_t queued_bytes{0}; ///< given to libmosquitto, not yet taken by the broker
};

/// One connection of one MQTT client, from CONNECT to its end: libmosquitto (MQTT 3.1.1, clean
/// session) without a loop. Whoever owns it watches socket() and calls ready() and second().
/// Nothing in here blocks and nothing calls back. What is not acknowledged when it ends is dropped,
/// as a client with a clean session must (MQTT 3.1.1, 3.1.2.4).
class MqttSession {
public:
    /// tls: for a broker that speaks it, else null; outlives the session, as `topics` does
    MqttSession(const std::string& id, const MqttEndpoint& endpoint, const MqttOptions& options,
                MqttTally& tally, const MqttTlsContext* tls,
                const std::vector<std::string>& topics);
    ~MqttSession();
    MqttSession(const MqttSession&) = delete;
    MqttSession& operator=(const MqttSession&) = delete;

    /// Begins to connect to a numeric address. When it is refused at once the session has ended.
    void open(const std::string& address, unsigned short port);

    int socket() const; ///< -1 when it has ended
    bool wants_write() const;
    void ready(bool readable, bool writable); ///< the socket is
    void second();                            ///< once a second: keep-alive
    /// false when the message could not be taken (dropped and counted)
    bool publish(const std::string& topic, const std::string& payload, bool retain);
    /// What came for it since the last call, in order.
    std::vector<MqttMessage> take_received() { return std::exchange(received_, {}); }
    /// Sends DISCONNECT behind what is queued; the session ends when it is written.
    void disconnect();

    /// The broker's answer to CONNECT: 0 accepted, 1 to 5 refused (MQTT 3.1.1, table 3.1).
    std::optional<int> connack() const { return connack_; }
    const std::string& ended_because() const { return ended_because_; }
    bool out_of_descriptors() const { return out_of_descriptors_; }
    bool tls_failed() const { return tls_failed_; }
    bool cut_off() const { return cut_off_; } ///< ended by the other side's closing
    std::size_t unacknowledged() const { return sizes_.size() - first_; }

    /// Asks the broker for a sign that it has had everything up to here: with QoS 0 a PINGREQ goes
    /// behind the last message.
    void ask_for_sign();
    /// Everything is acknowledged and the sign, where it was asked for, is there.
    bool settled() const {
        return unacknowledged() == 0 && !sign_wanted_ && pings_answered_ >= sign_;
    }

private:
    void connected(int code);
    void end(int code);
    void acknowledge();
    void heard(int level, const char* text);
    void send_sign();

    mosquitto* client_{nullptr};
    const MqttOptions& options_;
    MqttTally& tally_;
    const MqttTlsContext* tls_;
    const std::vector<std::string>& topics_;
    std::vector<MqttMessage> received_;
    std::string tls_said_; ///< by OpenSSL, last
    bool tls_failed_{false};
    std::optional<int> connack_;
    std::string ended_because_;
    bool out_of_descriptors_{false};
    bool cut_off_{false};
    // Sizes of the messages that are not acknowledged, oldest at first_. A broker acknowledges in
    // the order in which it received (MQTT 3.1.1, 4.6).
    std::vector<std::uint32_t> sizes_;
    std::size_t first_{0};
    std::size_t bytes_{0};
    // A broker answers pings in order: the sign is there when as many are answered as were sent
    // with it, those of the keep-alive included.
    std::size_t pings_sent_{0}, pings_answered_{0}, sign_{0};
    bool sign_wanted_{false}; ///< and not sent yet
};

} // namespace kpmsim
