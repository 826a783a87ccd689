#include "servers/net/tcp_listener.hpp"

#include "servers/net/acceptor.hpp"
#include "servers/net/asio.hpp"
#include "servers/net/shared_on_loop.hpp"
#include "servers/net/tcp_connection.hpp"

#include <algorithm>
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

constexpr std::chrono::milliseconds accept_pause{100};

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

    std::optional<Clock::time_point> told; ///< when the log last heard that there is none left

private:
    int fd_{-1};
};

} // namespace

struct TcpListener::Parts : std::enable_shared_from_this<Parts>, TcpConnection::Owner {
    Parts(EventLoop& runs_on, std::shared_ptr<ByteServiceFactory> served, const Limits& all)
        : loop{runs_on}, services{std::move(served)}, limits{all}, acceptor{loop},
          accept_again{loop}, sweep{loop}, spare{shared_on<SpareDescriptor>(
                                               loop, [] { return new SpareDescriptor; })} {}

    void open(const Endpoint& wanted);
    void accept();
    void refuse(bool refuses);
    void accepted(LoopSocket socket);
    bool turn_one_away();
    void tell_of_descriptors();
    void sweep_later();
    void close();

    void misfit(const LoopSocket& client, std::span<const std::uint8_t> bytes,
                const Misfit& what) override;
    void remark(std::string_view what) override;
    void over(const std::shared_ptr<TcpConnection>& connection) override {
        connections.erase(connection);
    }

    EventLoop& loop;
    std::shared_ptr<ByteServiceFactory> services;
    Endpoint endpoint;
    Traffic traffic;
    std::unordered_set<std::shared_ptr<TcpConnection>> connections;
    Limits limits;
    LoopAcceptor acceptor;
    LoopTimer accept_again;
    LoopTimer sweep;
    bool sweeping{false};
    bool refusing{false}; ///< new connections
    bool closed{false};
    std::shared_ptr<SpareDescriptor> spare;
    std::optional<Clock::time_point> said_misfit; ///< the log heard of a broken stream
    std::uint64_t misfits_since{0};               ///< of others after it
    bool said_remark{false};
};

/// Names a client whose bytes cannot be followed; at most once a minute, whoever else does the same.
void TcpListener::Parts::misfit(const LoopSocket& client, std::span<const std::uint8_t> bytes,
                                const Misfit& what) {
    constexpr std::chrono::minutes apart{1};
    const auto now = Clock::now();
    if (said_misfit && now - *said_misfit < apart) {
        ++misfits_since;
        return;
    }
    const auto others = std::exchange(misfits_since, 0);
    said_misfit = now;
    error_code gone;
    const auto peer = client.remote_endpoint(gone);
    std::string shown;
    for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
        shown += fmt::format("{:02X} ", byte);
    spdlog::warn(
        fmt::format("{} {}: {} sent {}where {} should be, and was disconnected{}; {}",
                    services->protocol(), to_text(endpoint),
                    gone ? "a client" : to_text(Endpoint{peer.address().to_string(), peer.port()}),
                    shown, what.expected,
                    others == 0 ? "" : fmt::format(" ({} others since the last such line)", others),
                    what.question));
}

void TcpListener::Parts::remark(std::string_view what) {
    if (!std::exchange(said_remark, true))
        spdlog::warn(fmt::format("{} {} {}", services->protocol(), to_text(endpoint), what));
}

void TcpListener::Parts::open(const Endpoint& wanted) {
    acceptor = open_acceptor(loop, wanted);
    endpoint = {wanted.host, acceptor.local_endpoint().port()};
    accept();
    services->on_refusal([weak = weak_from_this()](bool refuses) {
        if (const auto self = weak.lock(); self && !self->closed)
            self->refuse(refuses);
    });
}

/// The port stays its own, but for the moment in which one socket takes it over from another.
void TcpListener::Parts::refuse(bool refuses) {
    refusing = refuses;
    try {
        if (refuses) {
            error_code ignored;
            acceptor.close(ignored);
            acceptor = bind_acceptor(loop, endpoint);
        } else {
            listen_on(acceptor, endpoint);
            accept();
        }
    } catch (const CannotListen& lost) {
        spdlog::error(lost.what());
    }
}

void TcpListener::Parts::accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& error, LoopSocket socket) {
        if (error == asio::error::operation_aborted || !self->acceptor.is_open())
            return;
        if (!error)
            self->accepted(std::move(socket));
        if (out_of_resources(error))
            self->tell_of_descriptors();
        if (!out_of_resources(error) || self->turn_one_away())
            return self->accept();
        self->accept_again.expires_after(accept_pause);
        self->accept_again.async_wait([self](const error_code& stopped) {
            if (!stopped && self->acceptor.is_open() && !self->refusing)
                self->accept();
        });
    });
}

void TcpListener::Parts::accepted(LoopSocket socket) {
    if (limits.connections && connections.size() >= *limits.connections) {
        ++traffic.refused;
        return;
    }
    ++traffic.connections;
    const auto connection =
        std::make_shared<TcpConnection>(std::move(socket), services->connect(), *this);
    connections.insert(connection);
    connection->start();
    if (!sweeping)
        sweep_later();
}

/// At most once a minute, whichever port of the loop it is.
void TcpListener::Parts::tell_of_descriptors() {
    constexpr std::chrono::minutes apart{1};
    const auto now = Clock::now();
    if (spare->told && now - *spare->told < apart)
        return;
    spare->told = now;
    spdlog::warn(fmt::format("{} {}: no file descriptor is left for another client, who is turned "
                             "away; raise `ulimit -n`",
                             services->protocol(), to_text(endpoint)));
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
        ++traffic.refused;
    return spare->take() && !error;
}

void TcpListener::Parts::sweep_later() {
    sweeping = true;
    sweep.expires_after(std::clamp<std::chrono::milliseconds>(
        limits.idle / 4, std::chrono::milliseconds{1}, std::chrono::seconds{10}));
    sweep.async_wait([self = shared_from_this()](const error_code& stopped) {
        if (stopped)
            return;
        const auto oldest = Clock::now() - self->limits.idle;
        std::erase_if(self->connections, [&](const auto& connection) {
            const bool over = connection->last_request() < oldest;
            if (over)
                connection->close();
            return over;
        });
        self->sweeping = false;
        if (!self->connections.empty())
            self->sweep_later();
    });
}

void TcpListener::Parts::close() {
    error_code ignored;
    closed = true;
    acceptor.close(ignored);
    accept_again.cancel();
    sweep.cancel();
    for (const auto& connection : connections)
        connection->close();
    connections.clear();
}

TcpListener::TcpListener(EventLoop& loop, const Endpoint& endpoint,
                         std::shared_ptr<ByteServiceFactory> services, const Limits& limits)
    : parts_{std::make_shared<Parts>(loop, std::move(services), limits)} {
    parts_->open(endpoint);
}

TcpListener::~TcpListener() { parts_->close(); }

void TcpListener::limit_connections(std::optional<std::size_t> most) {
    parts_->limits.connections = most;
}
Endpoint TcpListener::endpoint() const { return parts_->endpoint; }
const Traffic& TcpListener::traffic() const { return parts_->traffic; }
std::size_t TcpListener::connections() const { return parts_->connections.size(); }

} // namespace kpmsim
