#include "servers/net/tcp_dialler.hpp"

#include "servers/net/asio.hpp"
#include "servers/net/dial_status.hpp"
#include "servers/net/name_lookup.hpp"
#include "servers/net/tcp_connection.hpp"
#include "sim/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace kpmsim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto good_after = 10s;  // a connection that held so long was a good one
constexpr unsigned too_often = 3; // short ones in a row until that is told
constexpr auto lookup_poll = 20ms;

} // namespace

struct TcpDialler::Parts : std::enable_shared_from_this<Parts>, TcpConnection::Owner {
    Parts(EventLoop& on, const Endpoint& to, const std::string& name,
          std::shared_ptr<ByteServiceFactory> served, DialOptions given)
        : server{to}, services{std::move(served)}, options{given},
          spread{Random{0, "dial/" + name}.uniform(0)},
          status{DialStatus::of(on, to, services->protocol())}, socket{on}, timer{on} {
        error_code no_address;
        const auto address = asio::ip::make_address(server.host, no_address);
        if (!no_address)
            addresses = {address};
        numeric = !no_address;
    }

    // A handler that does nothing once the dialler is closed.
    template <class Function>
    auto unless_closed(Function function) {
        return [self = shared_from_this(), function](const error_code& error) {
            if (!self->closed)
                function(*self, error);
        };
    }

    void dial() {
        if (addresses.empty())
            return look_up();
        connect(0);
    }

    void look_up() {
        if (!lookup)
            lookup.emplace(server.host);
        if (!lookup->done())
            return after(lookup_poll, [](Parts& p) { p.look_up(); });
        for (const std::string& text : lookup->addresses())
            addresses.push_back(asio::ip::make_address(text));
        const std::string why = lookup->error();
        lookup.reset();
        if (addresses.empty())
            return failed(why);
        connect(0);
    }

    /// To the n-th address of the name; then, without a pause, to the next one.
    void connect(std::size_t n) {
        timed_out = false;
        socket.async_connect({addresses[n], server.port},
                             unless_closed([n](Parts& p, const error_code& error) {
                                 p.timer.cancel();
                                 if (!error)
                                     return p.connected();
                                 error_code ignored;
                                 p.socket.close(ignored);
                                 if (n + 1 < p.addresses.size())
                                     p.connect(n + 1);
                                 else
                                     p.failed(p.timed_out ? "it does not answer" : error.message());
                             }));
        after(options.patience, [](Parts& p) {
            p.timed_out = true;
            error_code ignored;
            p.socket.close(ignored);
        });
    }

    void connected() {
        error_code ignored;
        socket.set_option(tcp::socket::keep_alive(true), ignored);
        ++traffic.connections;
        status->up();
        up_since = Clock::now();
        connection = std::make_shared<TcpConnection>(std::move(socket), services->connect(), *this);
        connection->start();
        after(good_after, [](Parts& p) {
            if (!p.connection)
                return;
            p.failures = p.cut_off = 0;
            p.status->holds();
        });
    }

    void over(const std::shared_ptr<TcpConnection>& /*connection*/) override {
        connection.reset();
        if (Clock::now() - up_since < good_after && ++cut_off >= too_often)
            status->cut_off();
        pause();
    }

    void failed(const std::string& reason) {
        status->down(reason);
        pause();
    }

    void pause() {
        if (!numeric)
            addresses.clear(); // the name may mean another machine by then
        auto length = options.first_pause;
        for (unsigned k = 0; k < failures && length < options.longest_pause; ++k)
            length *= 2;
        ++failures;
        const auto base = std::min(length, options.longest_pause * 4 / 5);
        after(base + std::chrono::microseconds{static_cast<std::int64_t>(
                         250.0 * static_cast<double>(base.count()) * spread)},
              [](Parts& p) { p.dial(); });
    }

    /// In place of what was waited for before.
    template <class Duration, class Function>
    void after(Duration duration, Function function) {
        timer.expires_after(duration);
        timer.async_wait(unless_closed([function](Parts& p, const error_code& stopped) {
            if (!stopped)
                function(p);
        }));
    }

    void misfit(const LoopSocket& /*client*/, std::span<const std::uint8_t> bytes,
                const Misfit& what) override {
        std::string shown;
        for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 8)))
            shown += fmt::format("{:02X} ", byte);
        status->misfit(fmt::format("sent {}where {} should be, and was disconnected; {}", shown,
                                   what.expected, what.question));
    }
    void remark(std::string_view what) override { status->remark(what); }

    void close() {
        closed = true;
        if (connection)
            connection->close();
        error_code ignored;
        socket.close(ignored);
        timer.cancel();
    }

    const Endpoint server;
    std::shared_ptr<ByteServiceFactory> services;
    const DialOptions options;
    const double spread; ///< 0 to 1, the dialler's own
    std::shared_ptr<DialStatus> status;
    LoopSocket socket; ///< while it connects
    LoopTimer timer;
    bool numeric{false}; ///< the host is an address
    std::optional<NameLookup> lookup;
    std::vector<asio::ip::address> addresses;
    std::shared_ptr<TcpConnection> connection;
    Traffic traffic;
    Clock::time_point up_since{};
    unsigned failures{0}; ///< pauses since the last good connection
    unsigned cut_off{0};  ///< connections in a row that did not hold
    bool timed_out{false};
    bool closed{false};
};

TcpDialler::TcpDialler(EventLoop& loop, const Endpoint& server, const std::string& name,
                       std::shared_ptr<ByteServiceFactory> services, DialOptions options)
    : parts_{std::make_shared<Parts>(loop, server, name, std::move(services), options)} {
    parts_->dial();
}

TcpDialler::~TcpDialler() { parts_->close(); }

bool TcpDialler::connected() const { return parts_->connection != nullptr; }
const Traffic& TcpDialler::traffic() const { return parts_->traffic; }

} // namespace kpmsim
