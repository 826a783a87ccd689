#pragma once

#include "servers/mqtt/mqtt_broker.hpp"
#include "servers/mqtt/mqtt_client.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "servers/mqtt/mqtt_session.hpp"
#include "servers/mqtt/mqtt_signs.hpp"
#include "servers/net/asio.hpp"
#include "servers/net/due_times.hpp"
#include "servers/net/socket_watch.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// What a fleet is made of, for its own files: the course of a client, its pauses, and the end of all.
struct MqttFleet::Parts : std::enable_shared_from_this<MqttFleet::Parts> {
    using Clock = MqttClient::Clock;

    Parts(EventLoop& loop, const MqttOptions& options);

    EventLoop& loop;
    const MqttOptions options;
    MqttTally tally;
    std::map<std::pair<std::string, bool>, MqttBroker> brokers; // by host:port, and whether by TLS
    std::deque<MqttClient> clients;
    SocketWatch sockets;
    DueTimes due; // end of a pause, or of the patience with a handshake or with what is said last
    LoopTimer second_timer;
    LoopTimer lookup_timer;
    LoopTimer close_timer;
    MqttSigns signs;
    std::function<void(std::size_t, bool)> changed;
    bool lookups_polled{false};
    bool said_full{false};
    bool closing{false};
    std::size_t open{0};           // clients that are not closed
    std::size_t coming{0};         // of these
    std::vector<std::size_t> free; // numbers of clients that were removed
    std::vector<std::function<void()>> done;

    // A handler that does nothing once the fleet is gone.
    template <class Function>
    auto guarded(Function function) {
        return [weak = weak_from_this(), function](const boost::system::error_code& error) {
            if (const auto self = weak.lock(); self && !error)
                function(*self);
        };
    }

    // The course of one client (fleet_course.cpp).
    void come(std::size_t i);
    void go(std::size_t i, bool goodbye);
    void leave(std::size_t i);
    void let_go(std::size_t i);
    void start(std::size_t i);
    void ready(std::size_t i, int socket, bool readable, bool writable);
    void follow(std::size_t i);
    void came_up(std::size_t i);
    void arrived(MqttClient& c);
    void drop_kept(MqttClient& c);
    void publish(std::size_t i, const std::string& topic, const std::string& payload, bool retain);
    void say(std::size_t i, const std::string& topic, const std::string& payload, bool retain);
    void ended(std::size_t i, const std::string& reason);

    // Failures, and the pause (fleet_pauses.cpp).
    void try_again(std::size_t i, const MqttSession& session, const std::string& reason);
    void lost(std::size_t i, const MqttSession& session, const std::string& reason);
    void failed(std::size_t i, const std::string& reason, bool cut_off = false);
    void pause(std::size_t i);
    void refused(std::size_t i, int answer);
    void no_descriptors(std::size_t i);
    void wait(std::size_t i, std::chrono::milliseconds pause);
    void what_is_due(std::size_t i);

    // All of them (mqtt_fleet.cpp).
    void pump(MqttBroker& b);
    void poll_lookups();
    void looked_up(MqttBroker& b);
    void every_second();
    bool finished() const { return closing && open == 0; }
    void closed(std::size_t i);
    void finish();
    void close_clients(bool now);
};

} // namespace kpmsim
