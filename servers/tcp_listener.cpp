#include "servers/tcp_listener.hpp"

#include "servers/asio.hpp"
#include "servers/shared_on_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <unordered_set>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace kpmsim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;

constexpr std::size_t in_size = 8 * 1024;
constexpr std::size_t out_limit = 32 * 1024;
constexpr int backlog = 4096; // thousands of clients may come in one moment
constexpr std::chrono::milliseconds accept_pause{100};

bool out_of_resources(const error_code& error) {
    const int e = error.value();
    return e == EMFILE || e == ENFILE || e == ENOBUFS || e == ENOMEM;
}

tcp::endpoint address_of(const Endpoint& endpoint) {
    error_code error;
    const auto address = asio::ip::make_address(endpoint.host, error);
    if (error)
        throw CannotListen{"\"" + endpoint.host +
                           "\" is no IP address; use 127.0.0.1 (this machine only) or 0.0.0.0 "
                           "(every interface)"};
    return {address, endpoint.port};
}

CannotListen cannot_listen(const Endpoint& endpoint, const error_code& error) {
    const auto where = to_text(endpoint);
    switch (error.value()) {
    case EADDRINUSE:
        return CannotListen{where + " is taken by another program; choose another port or 0 for "
                                    "any free one"};
    case EACCES:
        return CannotListen{where + " needs rights that this program does not have; choose a port "
                                    "from 1024 on"};
    case EADDRNOTAVAIL:
        return CannotListen{where + ": this machine has no such address; use 127.0.0.1 (this "
                                    "machine only) or 0.0.0.0 (every interface)"};
    default:
        return CannotListen{where + " cannot be listened on: " + error.message()};
    }
}

/// A descriptor held back for all ports of a loop, so that a client can be turned away when there is none left.
class SpareDescriptor {
public:
    SpareDescriptor() { take(); }
    ~SpareDescriptor() { give(); }
    SpareDescriptor(const SpareDescriptor&) = delete;
    SpareDescriptor& operator=(const SpareDescriptor&) = delete;

    bool take() {
        if (fd_ < 0)
            fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        return fd_ >= 0;
    }
    void give() {
        if (fd_ >= 0)
            ::close(fd_);
        fd_ = -1;
    }

private:
    int fd_{-1};
};

class Connection;

/// What the connections of one port have in common.
struct Hub {
    ModbusUnits units;
    Traffic traffic;
    std::unordered_set<std::shared_ptr<Connection>> connections;
    Endpoint endpoint;
    std::optional<Clock::time_point> said_broken; ///< the log heard of a broken stream
    std::uint64_t broken_since{0};                ///< of others after it
};

/// Names a client whose bytes cannot be followed; at most once a minute, whoever else does the same.
void tell_of_broken(Hub& hub, const LoopSocket& client, std::span<const std::uint8_t> bytes) {
    constexpr std::chrono::minutes apart{1};
    const auto now = Clock::now();
    if (hub.said_broken && now - *hub.said_broken < apart) {
        ++hub.broken_since;
        return;
    }
    const auto others = std::exchange(hub.broken_since, 0);
    hub.said_broken = now;
    error_code gone;
    const auto peer = client.remote_endpoint(gone);
    std::string shown;
    for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
        shown += fmt::format("{:02X} ", byte);
    spdlog::warn(fmt::format(
        "Modbus-TCP {}: {} sent {}where an MBAP header should be, and was disconnected{}; does it "
        "speak RTU over TCP, or HTTP?",
        to_text(hub.endpoint),
        gone ? "a client" : to_text(Endpoint{peer.address().to_string(), peer.port()}), shown,
        others == 0 ? "" : fmt::format(" ({} others since the last such line)", others)));
}

/// Reads, answers everything complete in one write, and reads again when that is gone.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(LoopSocket socket, Hub& hub) : socket_{std::move(socket)}, hub_{&hub} {}

    void read() {
        socket_.async_read_some(
            asio::buffer(in_.data() + filled_, in_.size() - filled_),
            [self = shared_from_this()](const error_code& error, std::size_t n) {
                self->took(error, n);
            });
    }

    void close() {
        hub_ = nullptr;
        error_code ignored;
        socket_.close(ignored);
    }

    Clock::time_point last_request() const { return last_request_; }

private:
    void leave() {
        if (hub_)
            hub_->connections.erase(shared_from_this());
        close();
    }

    void took(const error_code& error, std::size_t n) {
        if (!hub_)
            return;
        if (error)
            return leave();
        filled_ += n;
        serve();
    }

    void serve() {
        for (;;) {
            out_.clear();
            const auto turn =
                serve_adus(hub_->units, {in_.data(), filled_}, out_, out_limit, hub_->traffic);
            if (turn.broken)
                tell_of_broken(*hub_, socket_, {in_.data() + turn.used, filled_ - turn.used});
            std::copy(in_.begin() + static_cast<std::ptrdiff_t>(turn.used),
                      in_.begin() + static_cast<std::ptrdiff_t>(filled_), in_.begin());
            filled_ -= turn.used;
            broken_ = turn.broken;
            if (turn.used > 0)
                last_request_ = Clock::now();
            if (out_.empty())
                return broken_ ? leave() : read();

            // Nearly always the kernel takes it all: no round through the loop.
            error_code error;
            const auto written = socket_.write_some(asio::buffer(out_), error);
            if (error && error != asio::error::would_block)
                return leave();
            if (written < out_.size())
                return write_rest(error ? 0 : written);
            if (broken_)
                return leave();
        }
    }

    void write_rest(std::size_t from) {
        asio::async_write(
            socket_, asio::buffer(out_) + from,
            [self = shared_from_this()](const error_code& error, std::size_t) {
                if (!self->hub_)
                    return;
                if (error || self->broken_)
                    return self->leave();
                self->serve();
            });
    }

    LoopSocket socket_;
    Hub* hub_; ///< null once closed
    std::array<std::uint8_t, in_size> in_;
    std::size_t filled_{0};
    std::vector<std::uint8_t> out_;
    bool broken_{false};
    Clock::time_point last_request_{Clock::now()};
};

} // namespace

struct TcpListener::Parts : std::enable_shared_from_this<Parts> {
    Parts(EventLoop& loop, ModbusUnits behind, std::chrono::milliseconds idle_time)
        : hub{std::move(behind), {}, {}, {}, {}, 0}, idle{idle_time}, acceptor{loop},
          accept_again{loop}, sweep{loop}, spare{shared_on<SpareDescriptor>(
                                               loop, [] { return new SpareDescriptor; })} {}

    void open(const Endpoint& wanted);
    void accept();
    void accepted(LoopSocket socket);
    bool turn_one_away();
    void sweep_later();
    void close();

    Hub hub;
    std::chrono::milliseconds idle;
    LoopAcceptor acceptor;
    LoopTimer accept_again;
    LoopTimer sweep;
    bool sweeping{false};
    std::shared_ptr<SpareDescriptor> spare;
};

void TcpListener::Parts::open(const Endpoint& wanted) {
    const auto address = address_of(wanted);
    error_code error;
    acceptor.open(address.protocol(), error);
    if (!error)
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error)
        acceptor.bind(address, error);
    if (!error)
        acceptor.listen(backlog, error);
    if (!error)
        acceptor.non_blocking(true, error);
    if (error)
        throw cannot_listen(wanted, error);
    hub.endpoint = {wanted.host, acceptor.local_endpoint().port()};
    accept();
}

void TcpListener::Parts::accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& error, LoopSocket socket) {
        if (!self->acceptor.is_open())
            return;
        if (!error)
            self->accepted(std::move(socket));
        if (!out_of_resources(error) || self->turn_one_away())
            return self->accept();
        self->accept_again.expires_after(accept_pause);
        self->accept_again.async_wait([self](const error_code& stopped) {
            if (!stopped && self->acceptor.is_open())
                self->accept();
        });
    });
}

void TcpListener::Parts::accepted(LoopSocket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    ++hub.traffic.connections;
    const auto connection = std::make_shared<Connection>(std::move(socket), hub);
    hub.connections.insert(connection);
    connection->read();
    if (!sweeping)
        sweep_later();
}

/// Lets the client that waits in front of the door know. False when not even that is possible now.
bool TcpListener::Parts::turn_one_away() {
    spare->give();
    error_code error;
    {
        LoopSocket client{acceptor.get_executor()};
        acceptor.accept(client, error);
    }
    if (!error)
        ++hub.traffic.refused;
    return spare->take() && !error;
}

void TcpListener::Parts::sweep_later() {
    sweeping = true;
    sweep.expires_after(std::clamp<std::chrono::milliseconds>(
        idle / 4, std::chrono::milliseconds{1}, std::chrono::seconds{10}));
    sweep.async_wait([self = shared_from_this()](const error_code& stopped) {
        if (stopped)
            return;
        const auto oldest = Clock::now() - self->idle;
        std::erase_if(self->hub.connections, [&](const auto& connection) {
            const bool over = connection->last_request() < oldest;
            if (over)
                connection->close();
            return over;
        });
        self->sweeping = false;
        if (!self->hub.connections.empty())
            self->sweep_later();
    });
}

void TcpListener::Parts::close() {
    error_code ignored;
    acceptor.close(ignored);
    accept_again.cancel();
    sweep.cancel();
    for (const auto& connection : hub.connections)
        connection->close();
    hub.connections.clear();
}

TcpListener::TcpListener(EventLoop& loop, const Endpoint& endpoint, ModbusUnits units,
                         std::chrono::milliseconds idle)
    : parts_{std::make_shared<Parts>(loop, std::move(units), idle)} {
    parts_->open(endpoint);
}

TcpListener::~TcpListener() { parts_->close(); }

Endpoint TcpListener::endpoint() const { return parts_->hub.endpoint; }
const Traffic& TcpListener::traffic() const { return parts_->hub.traffic; }
std::size_t TcpListener::connections() const { return parts_->hub.connections.size(); }

} // namespace kpmsim
