#pragma once

#include "servers/mqtt/broker_status.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "servers/net/name_lookup.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace kpmsim {

/// What the clients of one broker share: its addresses, and the queue in front of it.
///
/// At most 64 handshakes are open with one broker, or a burst of them overruns its listen queue and
/// the rest waits a second for the next SYN. The limit is per broker, so that one which accepts and
/// never answers does not use up the places of another one.
class MqttBroker {
public:
    using Clock = std::chrono::steady_clock;

    /// Throws CannotListen where TLS is asked for and one of its files is wrong.
    MqttBroker(const MqttEndpoint& endpoint, const MqttTls& tls);

    const MqttEndpoint& endpoint() const { return endpoint_; }
    const MqttTlsContext* tls() const { return tls_.get(); } ///< null: without

    // Addresses: those of the name, in the order to be tried.

    const std::vector<std::string>& addresses() const { return addresses_; }
    /// Begins to look the name up, unless that is on its way.
    void look_up();
    bool looking_up() const { return lookup_ != nullptr; }
    /// True once, when the lookup has come to an end; `error` says why there is no address.
    bool looked_up(std::string& error);
    /// A name may mean another machine by now: to be looked up again when the last time is `age` ago.
    void doubt_addresses(std::chrono::milliseconds age);
    std::size_t first_address() const { return preferred_; }
    void prefer_address(std::size_t index) { preferred_ = index; }

    // The queue, and who is on which side of it.

    void queue_up(std::size_t client) { queue_.push_back(client); }
    void queue_first(std::size_t client) { queue_.push_front(client); }
    void leave_queue(std::size_t client) { std::erase(queue_, client); }
    bool queued() const { return !queue_.empty(); }
    bool has_room() const;
    std::size_t take_next();            ///< its handshake begins
    std::deque<std::size_t> take_all(); ///< out of the queue
    void handshake_over() { --shaking_; }
    std::size_t up{0};   ///< clients
    unsigned outages{0}; ///< failures while nobody was up
    bool pumping{false};
    BrokerStatus status;

private:
    MqttEndpoint endpoint_;
    std::unique_ptr<MqttTlsContext> tls_;
    bool numeric_{false}; ///< the host is an address
    std::unique_ptr<NameLookup> lookup_;
    std::vector<std::string> addresses_;
    std::size_t preferred_{0}; ///< index of the address to be tried first
    Clock::time_point looked_up_at_{};
    std::deque<std::size_t> queue_;
    std::size_t shaking_{0};
};

} // namespace kpmsim
