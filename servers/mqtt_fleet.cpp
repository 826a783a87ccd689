// A client is always in one of five stages:
//
//   queued ──► shaking ──► up        (CONNECT sent)   (CONNACK 0 received)
//      ▲          │         │
//      └─ waiting ◄─────────┘        a pause after a failure
//   any ──► closed                   after close()
//
// The sockets belong to libmosquitto, which closes them when it likes. They are therefore not given
// to Asio one by one, but to an epoll instance of the fleet's own, from which the kernel removes a
// socket that is closed; Asio watches that instance. It is level-triggered: what a turn leaves
// unread comes back in the next one.
//
// At most 64 handshakes are open with one broker, or a burst of them overruns its listen queue and
// the rest waits a second for the next SYN. The limit is per broker, so that one which accepts and
// never answers does not use up the places of another one.
#include "servers/mqtt_fleet.hpp"

#include "servers/asio.hpp"
#include "servers/mqtt_session.hpp"
#include "servers/name_lookup.hpp"
#include "sim/random.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <sys/epoll.h>
#include <utility>
#include <vector>

namespace kpmsim {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t handshakes_per_broker = 64;
constexpr auto settled_after = 10s; // a connection that held so long was a good one
constexpr auto close_within = 800ms;
constexpr auto lookup_poll = 20ms;

enum class Stage { queued, shaking, up, waiting, closed };

struct Broker {
    MqttEndpoint endpoint;
    std::string name;    // host:port
    bool numeric{false}; // the host is an address
    std::unique_ptr<NameLookup> lookup;
    std::vector<std::string> addresses;
    std::size_t preferred{0}; // index of the address to be tried first
    Clock::time_point looked_up{};
    std::deque<std::size_t> queue;
    std::size_t shaking{0};
    std::size_t up{0};
    unsigned outages{0}; // failures while nobody was up
    bool pumping{false};
    // What has been said, so that it is said once.
    bool said_down{false};
    bool said_unsteady{false};
    std::set<std::string> said_refused; // accounts
};

struct Client {
    std::string id;
    MqttEndpoint endpoint;
    Broker* broker{nullptr};
    double spread{0.0}; // 0 to 1, the client's own
    Stage stage{Stage::queued};
    std::unique_ptr<MqttSession> session;
    std::size_t address{0};  // index of the address of this attempt
    std::size_t tried{0};    // addresses tried since the last pause
    unsigned failures{0};    // pauses since the last good connection
    unsigned turned_away{0}; // failures since `outage`, while other clients were up
    unsigned outage{0};
    Clock::time_point due{}; // end of the pause, or of the handshake's patience
    Clock::time_point up_since{};
    bool watching_writes{false};
    bool leaving{false}; // DISCONNECT is sent
};

} // namespace

struct MqttFleet::Parts : std::enable_shared_from_this<MqttFleet::Parts> {
    Parts(EventLoop& loop_, MqttOptions options_)
        : loop(loop_), options(options_), sockets(loop_), due_timer(loop_), second_timer(loop_),
          lookup_timer(loop_), close_timer(loop_) {
        const int fd = ::epoll_create1(EPOLL_CLOEXEC);
        if (fd < 0)
            throw CannotListen("no descriptor is left for the MQTT clients (ulimit -n)");
        sockets.assign(fd);
    }

    EventLoop& loop;
    const MqttOptions options;
    boost::asio::posix::stream_descriptor sockets;
    boost::asio::steady_timer due_timer;
    boost::asio::steady_timer second_timer;
    boost::asio::steady_timer lookup_timer;
    boost::asio::steady_timer close_timer;

    MqttTally tally;
    std::map<std::string, Broker> brokers;
    std::deque<Client> clients;
    std::set<std::pair<Clock::time_point, std::size_t>> due;
    std::optional<Clock::time_point> due_timer_at;
    bool lookups_polled{false};
    bool said_full{false};
    bool closing{false};
    std::size_t open{0}; // clients that are not closed
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

    void watch() {
        if (finished())
            return;
        sockets.async_wait(boost::asio::posix::stream_descriptor::wait_read, guarded([](Parts& p) {
                               p.turn();
                               p.watch();
                           }));
    }

    void every_second() {
        if (finished())
            return;
        second_timer.expires_after(1s);
        second_timer.async_wait(guarded([](Parts& p) {
            for (std::size_t i = 0; i < p.clients.size(); ++i)
                if (p.clients[i].session) {
                    p.clients[i].session->second();
                    p.settle(i);
                }
            p.every_second();
        }));
    }

    // ---- one client -------------------------------------------------------------------------

    void start(std::size_t i) {
        Client& c = clients[i];
        Broker& b = *c.broker;
        c.address = (c.tried == 0 ? b.preferred : c.address + 1) % b.addresses.size();
        c.session = std::make_unique<MqttSession>(c.id, c.endpoint, options, tally);
        c.stage = Stage::shaking;
        c.leaving = false;
        ++b.shaking;
        c.session->open(b.addresses[c.address], b.endpoint.port);
        if (const int fd = c.session->socket(); fd >= 0) {
            c.watching_writes = true;
            control(EPOLL_CTL_ADD, i, fd);
            set_due(i, Clock::now() + options.handshake_timeout);
        } else {
            ended(i, c.session->ended_because());
        }
    }

    void control(int operation, std::size_t i, int fd) {
        epoll_event event{};
        event.events = EPOLLIN | (clients[i].watching_writes ? EPOLLOUT : 0u);
        event.data.u64 = (static_cast<std::uint64_t>(i) << 32) | static_cast<std::uint32_t>(fd);
        ::epoll_ctl(sockets.native_handle(), operation, fd, &event);
    }

    void turn() {
        std::array<epoll_event, 128> events; // a turn is short: others live on this loop, too
        const int n = ::epoll_wait(sockets.native_handle(), events.data(),
                                   static_cast<int>(events.size()), 0);
        for (int k = 0; k < n; ++k) {
            const auto& event = events[static_cast<std::size_t>(k)];
            const auto i = static_cast<std::size_t>(event.data.u64 >> 32);
            const auto fd = static_cast<int>(event.data.u64 & 0xffffffffu);
            Client& c = clients[i];
            if (!c.session || c.session->socket() != fd)
                continue;
            c.session->ready((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0,
                             (event.events & EPOLLOUT) != 0);
            settle(i);
        }
    }

    // To be called whenever the session of a client may have moved on.
    void settle(std::size_t i) {
        Client& c = clients[i];
        if (c.stage == Stage::shaking && c.session->connack() == 0)
            came_up(i);
        if (closing && c.stage == Stage::up && !c.leaving && c.session->unacknowledged() == 0) {
            c.leaving = true;
            c.session->disconnect();
        }
        const int fd = c.session->socket();
        if (fd < 0)
            ended(i, c.session->ended_because());
        else if (const bool wants = c.session->wants_write(); wants != c.watching_writes) {
            c.watching_writes = wants;
            control(EPOLL_CTL_MOD, i, fd);
        }
    }

    void came_up(std::size_t i) {
        Client& c = clients[i];
        Broker& b = *c.broker;
        clear_due(i);
        c.stage = Stage::up;
        c.tried = 0;
        c.up_since = Clock::now();
        --b.shaking;
        ++b.up;
        ++tally.traffic.connections;
        b.preferred = c.address;
        if (std::exchange(b.said_down, false)) {
            spdlog::info("MQTT broker {} is back", b.name);
            b.said_unsteady = false;
        }
        if (b.said_refused.erase(c.endpoint.account) > 0)
            spdlog::info("MQTT broker {} accepts {} now", b.name, account_of(c));
        pump(b);
    }

    // The session of a client is over; `reason` may be its own text.
    void ended(std::size_t i, const std::string& reason) {
        Client& c = clients[i];
        Broker& b = *c.broker;
        {
            const auto session = std::move(c.session);
            clear_due(i);
            --(c.stage == Stage::up ? b.up : b.shaking);
            if (closing)
                closed(i);
            else
                try_again(i, *session, reason);
        }
        pump(b);
    }

    void try_again(std::size_t i, const MqttSession& session, const std::string& reason) {
        Client& c = clients[i];
        const auto answer = session.connack();
        if (c.stage == Stage::up) {
            if (Clock::now() - c.up_since >= settled_after)
                c.failures = 0;
            failed(i, reason);
        } else if (session.out_of_descriptors()) {
            no_descriptors(i);
        } else if (answer && *answer != 0 && *answer != 3) {
            refused(i, *answer);
        } else if (++c.tried < c.broker->addresses.size()) {
            c.stage = Stage::queued; // the next address of the name, without a pause
            c.broker->queue.push_front(i);
        } else {
            failed(i, answer ? "it says that it is not available" : reason);
        }
    }

    // ---- failures: what is said, and the pause ----------------------------------------------

    static std::string account_of(const Client& c) {
        return c.endpoint.account.empty() ? "clients without an account"
                                          : "account \"" + c.endpoint.account + '"';
    }

    void failed(std::size_t i, const std::string& reason) {
        Client& c = clients[i];
        Broker& b = *c.broker;
        if (b.up == 0) {
            if (!std::exchange(b.said_down, true))
                spdlog::warn("MQTT broker {} is down ({}): messages to it are dropped and counted "
                             "until it is back",
                             b.name, reason);
            ++b.outages;
        } else if (std::exchange(c.outage, b.outages) != b.outages) {
            c.turned_away = 1;
        } else if (++c.turned_away >= 3 && !std::exchange(b.said_unsteady, true)) {
            spdlog::warn("MQTT broker {} does not keep client {} while it serves others ({}): is "
                         "the id in use twice, or the broker full?",
                         b.name, c.id, reason);
        }
        if (!b.numeric && Clock::now() - b.looked_up >= options.longest_pause)
            b.addresses.clear(); // the name may mean another machine by now
        auto pause = options.first_pause;
        for (unsigned k = 0; k < c.failures && pause < options.longest_pause; ++k)
            pause *= 2;
        ++c.failures;
        wait(i, pause);
    }

    void refused(std::size_t i, int answer) {
        const Client& c = clients[i];
        Broker& b = *c.broker;
        if (b.said_refused.insert(c.endpoint.account).second) {
            if (answer == 4 || answer == 5)
                spdlog::warn("MQTT broker {} refuses {}: give one that it knows, as "
                             "mqtt://account:password@{}",
                             b.name, account_of(c), b.name);
            else
                spdlog::warn("MQTT broker {} refuses {} ({}): kpmsim speaks MQTT 3.1.1, and the "
                             "client id is {}",
                             b.name, account_of(c),
                             answer == 2 ? "client id not allowed" : "protocol version", c.id);
        }
        wait(i, options.longest_pause);
    }

    void no_descriptors(std::size_t i) {
        ++tally.traffic.refused;
        if (!std::exchange(said_full, true))
            spdlog::warn("no descriptor is left for MQTT client {}: each needs three; raise "
                         "ulimit -n or run fewer meters in one process",
                         clients[i].id);
        wait(i, options.longest_pause);
    }

    // The pause is stretched by up to a quarter, and not beyond the longest.
    void wait(std::size_t i, std::chrono::milliseconds pause) {
        Client& c = clients[i];
        const auto base = std::min(pause, options.longest_pause * 4 / 5);
        c.stage = Stage::waiting;
        c.tried = 0;
        set_due(i, Clock::now() + base +
                       std::chrono::microseconds(static_cast<std::int64_t>(
                           250.0 * static_cast<double>(base.count()) * c.spread)));
    }

    // ---- what is due ------------------------------------------------------------------------

    void set_due(std::size_t i, Clock::time_point at) {
        clients[i].due = at;
        due.emplace(at, i);
        arm();
    }

    void clear_due(std::size_t i) { due.erase({clients[i].due, i}); }

    void arm() {
        if (due.empty() || (due_timer_at && *due_timer_at <= due.begin()->first))
            return;
        due_timer_at = due.begin()->first;
        due_timer.expires_at(*due_timer_at);
        due_timer.async_wait(guarded([](Parts& p) {
            p.due_timer_at.reset();
            p.what_is_due();
            p.arm();
        }));
    }

    void what_is_due() {
        const auto now = Clock::now();
        while (!due.empty() && due.begin()->first <= now) {
            const std::size_t i = due.begin()->second;
            due.erase(due.begin());
            Client& c = clients[i];
            if (c.stage == Stage::shaking) {
                ended(i, "it does not answer");
            } else {
                c.stage = Stage::queued;
                c.broker->queue.push_back(i);
                pump(*c.broker);
            }
        }
    }

    // ---- brokers ----------------------------------------------------------------------------

    // Starts as many handshakes as may be open.
    void pump(Broker& b) {
        if (closing || b.pumping || b.queue.empty())
            return;
        b.pumping = true;
        while (!b.queue.empty() && b.shaking < handshakes_per_broker) {
            if (b.addresses.empty()) {
                look_up(b);
                break;
            }
            const std::size_t i = b.queue.front();
            b.queue.pop_front();
            start(i);
        }
        b.pumping = false;
    }

    void look_up(Broker& b) {
        if (b.lookup)
            return;
        b.lookup = std::make_unique<NameLookup>(b.endpoint.host);
        poll_lookups();
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

    void looked_up(Broker& b) {
        if (!b.lookup)
            return;
        if (!b.lookup->done()) {
            poll_lookups();
            return;
        }
        b.addresses = b.lookup->addresses();
        b.preferred = 0;
        b.looked_up = Clock::now();
        const std::string error = b.lookup->error();
        b.lookup.reset();
        if (b.addresses.empty())
            for (const std::size_t i : std::exchange(b.queue, {}))
                failed(i, error);
        pump(b);
    }

    // ---- the end ----------------------------------------------------------------------------

    void closed(std::size_t i) {
        clients[i].stage = Stage::closed;
        if (--open == 0)
            finish();
    }

    void finish() {
        close_timer.cancel();
        second_timer.cancel();
        due_timer.cancel();
        lookup_timer.cancel();
        sockets.cancel();
        for (auto& d : std::exchange(done, {}))
            boost::asio::post(loop, std::move(d));
    }

    // Closes what is not up at once, and all of it when `now`.
    void close_clients(bool now) {
        for (std::size_t i = 0; i < clients.size(); ++i) {
            Client& c = clients[i];
            if (c.stage == Stage::closed)
                continue;
            if (c.stage == Stage::up && !now) {
                settle(i);
            } else if (c.session) {
                if (c.stage == Stage::up)
                    c.session->disconnect();
                ended(i, {});
            } else {
                clear_due(i);
                closed(i);
            }
        }
    }
};

MqttFleet::MqttFleet(EventLoop& loop, MqttOptions options)
    : parts_(std::make_shared<Parts>(loop, options)) {
    assert(options.qos >= 0 && options.qos <= 2);
    assert(options.keepalive_s == 0 || (options.keepalive_s >= 5 && options.keepalive_s <= 65535));
    parts_->watch();
    parts_->every_second();
}

MqttFleet::~MqttFleet() {
    parts_->closing = true;
    parts_->close_clients(true);
    parts_->finish();
}

std::size_t MqttFleet::add(const std::string& id, const MqttEndpoint& endpoint) {
    Parts& p = *parts_;
    assert(!id.empty() && !p.closing);
    Broker& b = p.brokers[to_text(endpoint)];
    if (b.name.empty()) {
        b.endpoint = endpoint;
        b.name = to_text(endpoint);
        boost::system::error_code no_address;
        (void)boost::asio::ip::make_address(endpoint.host, no_address);
        if (!no_address) {
            b.numeric = true;
            b.addresses = {endpoint.host};
        }
    }
    const std::size_t i = p.clients.size();
    Client& c = p.clients.emplace_back();
    c.id = id;
    c.endpoint = endpoint;
    c.broker = &b;
    c.spread = Random{0, "mqtt/" + id}.uniform(0);
    ++p.open;
    b.queue.push_back(i);
    p.pump(b);
    return i;
}

void MqttFleet::publish(std::size_t client, const std::string& topic, const std::string& payload) {
    Parts& p = *parts_;
    Client& c = p.clients[client];
    if (c.stage != Stage::up || p.closing) {
        ++p.tally.traffic.dropped;
        return;
    }
    c.session->publish(topic, payload);
    p.settle(client);
}

std::size_t MqttFleet::size() const { return parts_->clients.size(); }

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
