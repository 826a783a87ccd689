#include "servers/mqtt/mqtt_fleet.hpp"

#include "servers/mqtt/mqtt_broker.hpp"
#include "servers/mqtt/mqtt_client.hpp"
#include "servers/mqtt/mqtt_session.hpp"
#include "servers/mqtt/mqtt_signs.hpp"
#include "servers/net/asio.hpp"
#include "servers/net/due_times.hpp"
#include "servers/net/socket_watch.hpp"
#include "sim/guard.hpp"
#include "sim/random.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace kpmsim {
namespace {

using Clock = MqttClient::Clock;
using namespace std::chrono_literals;

constexpr auto good_after = 10s;    // a connection that held so long was a good one
constexpr auto steady_after = 5min; // … and one that held so long is no case of two with one id
constexpr unsigned too_often = 3;   // failures or losses until a cause is named
constexpr auto close_within = 800ms;
constexpr auto lookup_poll = 20ms;

} // namespace

struct MqttFleet::Parts : std::enable_shared_from_this<MqttFleet::Parts> {
    Parts(EventLoop& loop_, MqttOptions options_)
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

    EventLoop& loop;
    const MqttOptions options;
    MqttTally tally;
    std::map<std::pair<std::string, bool>, MqttBroker> brokers; // by host:port, and whether by TLS
    std::deque<MqttClient> clients;
    SocketWatch sockets;
    DueTimes due; // end of a pause, or of a handshake's patience
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

    bool finished() const { return closing && open == 0; }

    void every_second() {
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

    // ---- one client -------------------------------------------------------------------------

    void start(std::size_t i) {
        MqttClient& c = clients[i];
        const MqttBroker& b = *c.broker;
        c.address = (c.tried == 0 ? b.first_address() : c.address + 1) % b.addresses().size();
        c.session = std::make_unique<MqttSession>(c.id, c.endpoint, options, tally, b.tls(),
                                                  c.inbox.topics);
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

    void ready(std::size_t i, int socket, bool readable, bool writable) {
        MqttClient& c = clients[i];
        if (!c.session || c.session->socket() != socket)
            return;
        c.session->ready(readable, writable);
        const std::vector<MqttMessage> received = c.session->take_received();
        follow(i);
        for (const MqttMessage& message :
             received) // whose handler may publish, and end the session
            if (!c.removed)
                c.inbox.take(message);
        signs.look();
    }

    // To be called whenever the session of a client may have moved on.
    void follow(std::size_t i) {
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
        } else if (const bool wants = c.session->wants_write(); wants != c.watching_writes) {
            c.watching_writes = wants;
            sockets.change(socket, i, wants);
        }
    }

    void came_up(std::size_t i) {
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
        const std::vector<KeptMessage> kept = c.kept.take();
        for (const KeptMessage& each : kept)
            publish(i, each.topic, each.payload, each.retain);
        if (!kept.empty())
            signs.sent_late(i);
        arrived(c);
        pump(b);
    }

    // Its first attempt is over.
    void arrived(MqttClient& c) {
        drop_kept(c);
        if (std::exchange(c.coming, false) && --coming == 0)
            signs.look();
    }

    void drop_kept(MqttClient& c) {
        const std::size_t messages = c.kept.take().size();
        tally.traffic.dropped += messages;
        signs.dropped(messages);
    }

    // The session of a client is over; `reason` may be its own text.
    void ended(std::size_t i, const std::string& reason) {
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
            if (closing || c.removed)
                closed(i);
            else if (c.held)
                c.stage = MqttStage::off;
            else
                try_again(i, *session, reason);
        }
        pump(b);
        signs.look();
    }

    void try_again(std::size_t i, const MqttSession& session, const std::string& reason) {
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

    // ---- failures, and the pause ------------------------------------------------------------

    // A connection that was up. Whether the broker is down, the next attempt will tell: one that
    // takes the client again and lets go of it again has another client of that id.
    void lost(std::size_t i, const MqttSession& session, const std::string& reason) {
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
    void failed(std::size_t i, const std::string& reason, bool cut_off = false) {
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
    void pause(std::size_t i) {
        MqttClient& c = clients[i];
        c.broker->doubt_addresses(options.longest_pause);
        auto pause = options.first_pause;
        for (unsigned k = 0; k < c.failures && pause < options.longest_pause; ++k)
            pause *= 2;
        ++c.failures;
        wait(i, pause);
    }

    void refused(std::size_t i, int answer) {
        const MqttClient& c = clients[i];
        c.broker->status.refused(c.id, c.endpoint.account, answer);
        wait(i, options.longest_pause);
    }

    void no_descriptors(std::size_t i) {
        ++tally.traffic.refused;
        if (!std::exchange(said_full, true))
            spdlog::warn(
                fmt::format("no descriptor is left for MQTT client {}: each needs one; raise "
                            "ulimit -n or run fewer meters in one process",
                            clients[i].id));
        wait(i, options.longest_pause);
    }

    // The pause is stretched by up to a quarter, and not beyond the longest.
    void wait(std::size_t i, std::chrono::milliseconds pause) {
        MqttClient& c = clients[i];
        const auto base = std::min(pause, options.longest_pause * 4 / 5);
        c.stage = MqttStage::waiting;
        arrived(c);
        c.tried = 0;
        due.set(i, Clock::now() + base +
                       std::chrono::microseconds(static_cast<std::int64_t>(
                           250.0 * static_cast<double>(base.count()) * c.spread)));
    }

    void what_is_due(std::size_t i) {
        MqttClient& c = clients[i];
        if (c.stage == MqttStage::shaking) {
            ended(i, "it does not answer");
        } else {
            c.stage = MqttStage::queued;
            c.broker->queue_up(i);
            pump(*c.broker);
        }
    }

    void publish(std::size_t i, const std::string& topic, const std::string& payload, bool retain) {
        MqttClient& c = clients[i];
        if (c.stage != MqttStage::up || closing) {
            if (!c.coming || closing || !c.kept.keep(topic, payload, retain))
                ++tally.traffic.dropped;
            return;
        }
        c.session->publish(topic, payload, retain);
        signs.sent(i);
        follow(i);
    }

    // ---- brokers ----------------------------------------------------------------------------

    // Starts as many handshakes as may be open.
    void pump(MqttBroker& b) {
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

    void poll_lookups() {
        if (std::exchange(lookups_polled, true))
            return;
        lookup_timer.expires_after(lookup_poll);
        lookup_timer.async_wait(guarded([](Parts& p) {
            p.lookups_polled = false;
            for (auto& [name, b] : p.brokers)
                p.looked_up(b);
        }));
    }

    void looked_up(MqttBroker& b) {
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

    // ---- one that comes or goes -------------------------------------------------------------

    void come(std::size_t i) {
        MqttClient& c = clients[i];
        c.stage = MqttStage::queued;
        c.coming = true;
        ++coming;
        c.broker->queue_up(i);
        pump(*c.broker);
    }

    // With a word, or without one: to closed or to off.
    void go(std::size_t i, bool goodbye) {
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

    // ---- the end ----------------------------------------------------------------------------

    void closed(std::size_t i) {
        clients[i].stage = MqttStage::closed;
        drop_kept(clients[i]);
        if (clients[i].removed)
            free.push_back(i);
        if (--open == 0 && closing)
            finish();
    }

    void finish() {
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
    void close_clients(bool now) {
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
};

MqttFleet::MqttFleet(EventLoop& loop, MqttOptions options)
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
    if (held) {
        p.go(client, false);
    } else if (c.stage == MqttStage::off) {
        c.failures = 0;
        p.come(client);
    }
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
