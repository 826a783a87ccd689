#pragma once

#include "servers/mqtt/kept_messages.hpp"
#include "servers/mqtt/mqtt_broker.hpp"
#include "servers/mqtt/mqtt_session.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace kpmsim {

/// Where a client stands:
///
///   queued ──► shaking ──► up        (CONNECT sent)   (CONNACK 0 received)
///      ▲          │         │
///      └─ waiting ◄─────────┘        a pause after a failure
///   any ──► off ──► queued           it is held or left, and let go
///   any ──► closed                   after remove() or close()
enum class MqttStage { queued, shaking, up, waiting, off, closed };

struct MqttClient {
    using Clock = std::chrono::steady_clock;

    std::string id;
    MqttEndpoint endpoint;
    MqttInbox inbox;
    MqttBroker* broker{nullptr};
    double spread{0.0}; ///< 0 to 1, the client's own
    MqttStage stage{MqttStage::queued};
    std::unique_ptr<MqttSession> session;
    std::size_t address{0};  ///< index of the address of this attempt
    std::size_t tried{0};    ///< addresses tried since the last pause
    unsigned failures{0};    ///< pauses since the last good connection
    unsigned cut_off{0};     ///< connections that the broker took and closed soon, in a row
    unsigned turned_away{0}; ///< failures since `outage`, while other clients were up
    unsigned outage{0};
    Clock::time_point up_since{};
    bool watching_writes{false};
    bool leaving{false}; ///< DISCONNECT is sent
    bool removed{false};
    bool held{false};    ///< from connecting
    bool parting{false}; ///< it was left, and its broker has not had all that it was given
    bool coming{false};  ///< it is new, or was let go, and no attempt of it is over yet
    KeptMessages kept;   ///< while it is coming
};

} // namespace kpmsim
