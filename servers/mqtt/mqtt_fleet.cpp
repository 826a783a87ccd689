#include "servers/mqtt/mqtt_fleet.hpp"

#include "servers/mqtt/fleet_parts.hpp"
#include "sim/guard.hpp"
#include "sim/random.hpp"

#include <utility>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

constexpr auto close_within = 800ms;
constexpr auto lookup_poll = 20ms;

} // namespace

MqttFleet::Parts::Parts(EventLoop& loop_, const MqttOptions& options_)
    : loop(loop_), options(options_),
      sockets(loop_, [this](std::size_t i, int socket, bool readable,
                            bool writable) { ready(i, socket, readable, writable); }),
      due(loop_, [this](std::size_t i) { what_is_due(i); }), second_timer(loop_),
      lookup_timer(loop_), close_timer(loop_),
      signs(
          loop_,
          [this](std::size_t i) {
              return clients[i].stage == MqttStage::up ? clients[i].session.get() : nullptr;
          },
          [this] { return coming > 0; }) {}

void MqttFleet::Parts::every_second() {
    if (finished())
        return;
    second_timer.expires_after(1s);
    second_timer.async_wait(guarded([](Parts& p) {
        for (std::size_t i = 0; i < p.clients.size(); ++i)
            if (p.clients[i].session) {
                p.clients[i].session->second();
                p.follow(i);
            }
        p.every_second();
    }));
}

// Starts as many handshakes as may be open.
void MqttFleet::Parts::pump(MqttBroker& b) {
    if (closing || b.pumping)
        return;
    b.pumping = true;
    while (b.queued() && b.has_room()) {
        if (b.addresses().empty()) {
            b.look_up();
            poll_lookups();
            break;
        }
        start(b.take_next());
    }
    b.pumping = false;
}

void MqttFleet::Parts::poll_lookups() {
    if (std::exchange(lookups_polled, true))
        return;
    lookup_timer.expires_after(lookup_poll);
    lookup_timer.async_wait(guarded([](Parts& p) {
        p.lookups_polled = false;
        for (auto& [name, b] : p.brokers)
            p.looked_up(b);
    }));
}

void MqttFleet::Parts::looked_up(MqttBroker& b) {
    std::string error;
    if (b.looked_up(error)) {
        if (b.addresses().empty())
            for (const std::size_t i : b.take_all())
                failed(i, error);
        pump(b);
    } else if (b.looking_up()) {
        poll_lookups();
    }
}

void MqttFleet::Parts::closed(std::size_t i) {
    clients[i].stage = MqttStage::closed;
    drop_kept(clients[i]);
    if (clients[i].removed)
        free.push_back(i);
    if (--open == 0 && closing)
        finish();
}

void MqttFleet::Parts::finish() {
    close_timer.cancel();
    signs.stop();
    second_timer.cancel();
    lookup_timer.cancel();
    due.stop();
    sockets.stop();
    for (auto& d : std::exchange(done, {}))
        boost::asio::post(loop, std::move(d));
}

// Closes what is not up at once, and all of it when `now`.
void MqttFleet::Parts::close_clients(bool now) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
        MqttClient& c = clients[i];
        if (c.stage == MqttStage::closed)
            continue;
        if (c.stage == MqttStage::up && !now) {
            follow(i);
        } else if (c.session) {
            if (c.stage == MqttStage::up)
                c.session->disconnect();
            ended(i, {});
        } else {
            due.clear(i);
            closed(i);
        }
    }
}

// What others call ---------------------------------------------------------------------------------

MqttFleet::MqttFleet(EventLoop& loop, const MqttOptions& options)
    : parts_(std::make_shared<Parts>(loop, options)) {
    guard(options.qos >= 0 && options.qos <= 2);
    guard(options.keepalive_s == 0 || (options.keepalive_s >= 5 && options.keepalive_s <= 65535));
    parts_->every_second();
}

MqttFleet::~MqttFleet() {
    parts_->changed = nullptr;
    parts_->closing = true;
    parts_->close_clients(true);
    parts_->finish();
}

std::size_t MqttFleet::add(const std::string& id, const MqttEndpoint& endpoint, MqttInbox inbox) {
    Parts& p = *parts_;
    guard(!id.empty() && !p.closing);
    MqttBroker& b =
        p.brokers.try_emplace({to_text(endpoint), endpoint.tls}, endpoint, p.options.tls)
            .first->second;
    const std::size_t i = p.free.empty() ? p.clients.size() : p.free.back();
    if (p.free.empty())
        p.clients.emplace_back();
    else
        p.free.pop_back();
    MqttClient& c = p.clients[i] = MqttClient{};
    c.id = id;
    c.endpoint = endpoint;
    c.inbox = std::move(inbox);
    c.broker = &b;
    c.spread = Random{0, "mqtt/" + id}.uniform(0);
    ++p.open;
    p.come(i);
    return i;
}

void MqttFleet::remove(std::size_t client) {
    Parts& p = *parts_;
    p.clients[client].removed = true;
    p.go(client, true);
}

bool MqttFleet::coming() const { return parts_->coming > 0; }

void MqttFleet::publish(std::size_t client, const std::string& topic, const std::string& payload,
                        bool retain) {
    parts_->publish(client, topic, payload, retain);
}

void MqttFleet::drop(std::size_t client) {
    Parts& p = *parts_;
    const MqttClient& c = p.clients[client];
    if (c.session && !p.closing)
        p.ended(client, "it was cut off");
}

void MqttFleet::hold(std::size_t client, bool held) {
    Parts& p = *parts_;
    MqttClient& c = p.clients[client];
    if (p.closing || std::exchange(c.held, held) == held)
        return;
    if (held)
        p.go(client, false);
    else
        p.let_go(client);
}

void MqttFleet::leave(std::size_t client) {
    Parts& p = *parts_;
    if (!p.closing && !std::exchange(p.clients[client].held, true))
        p.leave(client);
}

void MqttFleet::settle(std::chrono::milliseconds patience,
                       std::function<void(std::size_t missing)> done) {
    Parts& p = *parts_;
    for (const std::size_t i : p.signs.ask(patience, std::move(done)))
        if (p.clients[i].session)
            p.follow(i);
    p.signs.look();
}

void MqttFleet::on_change(std::function<void(std::size_t client, bool connected)> handler) {
    parts_->changed = std::move(handler);
}

std::size_t MqttFleet::size() const { return parts_->clients.size() - parts_->free.size(); }

std::size_t MqttFleet::connected() const {
    std::size_t n = 0;
    for (const auto& entry : parts_->brokers)
        n += entry.second.up;
    return n;
}

const Traffic& MqttFleet::traffic() const { return parts_->tally.traffic; }

void MqttFleet::close(std::function<void()> done) {
    Parts& p = *parts_;
    p.done.push_back(std::move(done));
    if (!std::exchange(p.closing, true)) {
        p.close_timer.expires_after(close_within);
        p.close_timer.async_wait(p.guarded([](Parts& self) { self.close_clients(true); }));
        p.close_clients(false);
    }
    if (p.open == 0)
        p.finish();
}

} // namespace kpmsim
