#include "servers/mqtt/fleet_parts.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace kpmsim {
namespace {

constexpr std::chrono::milliseconds last_words_within{800};

} // namespace

void MqttFleet::Parts::come(std::size_t i) {
    MqttClient& c = clients[i];
    c.stage = MqttStage::queued;
    c.coming = true;
    ++coming;
    c.broker->queue_up(i);
    pump(*c.broker);
}

// With a word, or without one: to closed or to off.
void MqttFleet::Parts::go(std::size_t i, bool goodbye) {
    MqttClient& c = clients[i];
    arrived(c);
    if (c.stage == MqttStage::up && goodbye) {
        c.leaving = true;
        c.session->disconnect();
        follow(i);
    } else if (c.session) {
        ended(i, {});
    } else if (c.stage != MqttStage::closed) {
        due.clear(i);
        c.broker->leave_queue(i);
        if (c.removed)
            closed(i);
        else
            c.stage = MqttStage::off;
    }
    signs.look();
}

// Behind what it was given; it is held already.
void MqttFleet::Parts::leave(std::size_t i) {
    MqttClient& c = clients[i];
    if (c.stage == MqttStage::up) {
        c.parting = true;
        c.session->ask_for_sign();
        due.set(i, Clock::now() + last_words_within);
        follow(i);
    } else if (!c.kept.empty()) {
        c.parting = true;
    } else {
        go(i, false);
    }
}

void MqttFleet::Parts::let_go(std::size_t i) {
    MqttClient& c = clients[i];
    if (c.stage == MqttStage::off) {
        c.failures = 0;
        come(i);
    } else if (c.parting && c.stage == MqttStage::up) { // it comes again when that is over
        c.coming = true;
        ++coming;
    } else {
        c.parting = false;
    }
}

void MqttFleet::Parts::start(std::size_t i) {
    MqttClient& c = clients[i];
    const MqttBroker& b = *c.broker;
    c.address = (c.tried == 0 ? b.first_address() : c.address + 1) % b.addresses().size();
    c.session =
        std::make_unique<MqttSession>(c.id, c.endpoint, options, tally, b.tls(), c.inbox.topics);
    c.stage = MqttStage::shaking;
    c.leaving = false;
    c.session->open(b.addresses()[c.address], b.endpoint().port);
    if (const int socket = c.session->socket(); socket >= 0) {
        c.watching_writes = true;
        sockets.add(socket, i, true);
        due.set(i, Clock::now() + options.handshake_timeout);
    } else {
        ended(i, c.session->ended_because());
    }
}

void MqttFleet::Parts::ready(std::size_t i, int socket, bool readable, bool writable) {
    MqttClient& c = clients[i];
    if (!c.session || c.session->socket() != socket)
        return;
    c.session->ready(readable, writable);
    const std::vector<MqttMessage> received = c.session->take_received();
    follow(i);
    for (const MqttMessage& message : received) // whose handler may publish, and end the session
        if (!c.removed)
            c.inbox.take(message);
    signs.look();
}

// To be called whenever the session of a client may have moved on.
void MqttFleet::Parts::follow(std::size_t i) {
    MqttClient& c = clients[i];
    if (c.stage == MqttStage::shaking && c.session->connack() == 0)
        came_up(i);
    if (!c.session) // who heard of it published, and that ended it
        return;
    if (closing && c.stage == MqttStage::up && !c.leaving && c.session->unacknowledged() == 0) {
        c.leaving = true;
        c.session->disconnect();
    }
    const int socket = c.session->socket();
    if (socket < 0) {
        ended(i, c.session->ended_because());
    } else if (c.parting && c.stage == MqttStage::up && c.session->settled()) {
        signs.look(); // who waits for its sign has it
        ended(i, {});
    } else if (const bool wants = c.session->wants_write(); wants != c.watching_writes) {
        c.watching_writes = wants;
        sockets.change(socket, i, wants);
    }
}

void MqttFleet::Parts::came_up(std::size_t i) {
    MqttClient& c = clients[i];
    MqttBroker& b = *c.broker;
    due.clear(i);
    c.stage = MqttStage::up;
    c.tried = 0;
    c.up_since = Clock::now();
    b.handshake_over();
    ++b.up;
    ++tally.traffic.connections;
    b.prefer_address(c.address);
    b.status.up(c.endpoint.account);
    if (changed)
        changed(i, true);
    const bool parting = std::exchange(c.parting, false); // only behind all that it is to say
    const std::vector<KeptMessage> kept = c.kept.take();
    for (const KeptMessage& each : kept)
        say(i, each.topic, each.payload, each.retain);
    if (!kept.empty())
        signs.sent_late(i);
    arrived(c);
    if (parting && c.stage == MqttStage::up)
        leave(i);
    pump(b);
}

// Its first attempt is over.
void MqttFleet::Parts::arrived(MqttClient& c) {
    drop_kept(c);
    if (std::exchange(c.coming, false) && --coming == 0)
        signs.look();
}

void MqttFleet::Parts::drop_kept(MqttClient& c) {
    const std::size_t messages = c.kept.take().size();
    tally.traffic.dropped += messages;
    signs.dropped(messages);
}

// The session of a client is over; `reason` may be its own text.
void MqttFleet::Parts::ended(std::size_t i, const std::string& reason) {
    MqttClient& c = clients[i];
    MqttBroker& b = *c.broker;
    {
        const auto session = std::move(c.session);
        due.clear(i);
        signs.lost(i, session->unacknowledged());
        if (c.stage == MqttStage::up) {
            --b.up;
            if (changed)
                changed(i, false);
        } else {
            b.handshake_over();
        }
        // One that is to say something yet tries the next address, too.
        const bool parted = c.parting && c.stage == MqttStage::up;
        // … and one that was let go meanwhile, given more and left again.
        const bool more = parted && c.held && !c.kept.empty();
        c.parting = c.parting && (!parted || more);
        if (closing || c.removed) {
            closed(i);
        } else if (c.held && !c.parting) {
            arrived(c);
            c.stage = MqttStage::off;
        } else if (parted) {
            c.failures = 0;
            c.stage = MqttStage::queued;
            b.queue_up(i);
        } else {
            try_again(i, *session, reason);
        }
    }
    pump(b);
    signs.look();
}

void MqttFleet::Parts::publish(std::size_t i, const std::string& topic, const std::string& payload,
                               bool retain) {
    MqttClient& c = clients[i];
    const bool away = c.held || closing;
    if (!away && c.stage == MqttStage::up && !c.parting)
        say(i, topic, payload, retain);
    else if (away || !c.coming || !c.kept.keep(topic, payload, retain))
        ++tally.traffic.dropped;
}

void MqttFleet::Parts::say(std::size_t i, const std::string& topic, const std::string& payload,
                           bool retain) {
    MqttClient& c = clients[i];
    if (c.stage != MqttStage::up) { // what was said before has ended it
        ++tally.traffic.dropped;
        return;
    }
    c.session->publish(topic, payload, retain);
    signs.sent(i);
    follow(i);
}

} // namespace kpmsim
