#include "servers/mqtt/fleet_parts.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

constexpr auto good_after = 10s;    // a connection that held so long was a good one
constexpr auto steady_after = 5min; // … and one that held so long is no case of two with one id
constexpr unsigned too_often = 3;   // failures or losses until a cause is named

} // namespace

void MqttFleet::Parts::try_again(std::size_t i, const MqttSession& session,
                                 const std::string& reason) {
    MqttClient& c = clients[i];
    const auto answer = session.connack();
    if (c.stage == MqttStage::up) {
        lost(i, session, reason);
    } else if (session.out_of_descriptors()) {
        no_descriptors(i);
    } else if (answer && *answer != 0 && *answer != 3) {
        refused(i, *answer);
    } else if (++c.tried < c.broker->addresses().size()) {
        c.stage = MqttStage::queued; // the next address of the name, without a pause
        c.broker->queue_first(i);
    } else if (session.tls_failed()) {
        c.broker->status.without_tls(reason);
        wait(i, options.longest_pause);
    } else {
        failed(i, answer ? "it says that it is not available" : reason, session.cut_off());
    }
}

// A connection that was up. Whether the broker is down, the next attempt will tell: one that
// takes the client again and lets go of it again has another client of that id.
void MqttFleet::Parts::lost(std::size_t i, const MqttSession& session, const std::string& reason) {
    MqttClient& c = clients[i];
    const auto held = Clock::now() - c.up_since;
    if (held >= good_after)
        c.failures = 0;
    c.cut_off = !session.cut_off() ? 0 : held < steady_after ? c.cut_off + 1 : 1;
    if (c.cut_off >= too_often)
        c.broker->status.shared_id(c.id, reason);
    pause(i);
}

// `cut_off`: it closed the connection instead of answering.
void MqttFleet::Parts::failed(std::size_t i, const std::string& reason, bool cut_off) {
    MqttClient& c = clients[i];
    MqttBroker& b = *c.broker;
    c.cut_off = 0;
    if (b.up == 0) {
        b.status.down(reason, cut_off);
        ++b.outages;
    } else if (std::exchange(c.outage, b.outages) != b.outages) {
        c.turned_away = 1;
    } else if (++c.turned_away >= too_often) {
        b.status.turned_away(c.id, reason);
    }
    pause(i);
}

// Each in a row is twice as long as the one before.
void MqttFleet::Parts::pause(std::size_t i) {
    MqttClient& c = clients[i];
    c.broker->doubt_addresses(options.longest_pause);
    auto pause = options.first_pause;
    for (unsigned k = 0; k < c.failures && pause < options.longest_pause; ++k)
        pause *= 2;
    ++c.failures;
    wait(i, pause);
}

void MqttFleet::Parts::refused(std::size_t i, int answer) {
    const MqttClient& c = clients[i];
    c.broker->status.refused(c.id, c.endpoint.account, answer);
    wait(i, options.longest_pause);
}

void MqttFleet::Parts::no_descriptors(std::size_t i) {
    ++tally.traffic.refused;
    if (!std::exchange(said_full, true))
        spdlog::warn(fmt::format("no descriptor is left for MQTT client {}: each needs one; raise "
                                 "ulimit -n or run fewer meters in one process",
                                 clients[i].id));
    wait(i, options.longest_pause);
}

// The pause is stretched by up to a quarter, and not beyond the longest.
void MqttFleet::Parts::wait(std::size_t i, std::chrono::milliseconds pause) {
    MqttClient& c = clients[i];
    const auto base = std::min(pause, options.longest_pause * 4 / 5);
    arrived(c);
    c.tried = 0;
    if (c.held) { // what it was to say before that went with its attempt
        c.parting = false;
        c.stage = MqttStage::off;
        return;
    }
    c.stage = MqttStage::waiting;
    due.set(i, Clock::now() + base +
                   std::chrono::microseconds(static_cast<std::int64_t>(
                       250.0 * static_cast<double>(base.count()) * c.spread)));
}

void MqttFleet::Parts::what_is_due(std::size_t i) {
    MqttClient& c = clients[i];
    if (c.stage == MqttStage::shaking) {
        ended(i, "it does not answer");
    } else if (c.stage == MqttStage::up) { // parting
        ended(i, {});
    } else {
        c.stage = MqttStage::queued;
        c.broker->queue_up(i);
        pump(*c.broker);
    }
}

} // namespace kpmsim
