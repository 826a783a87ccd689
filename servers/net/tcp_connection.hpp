#pragma once

// For .cpp files of this room only.
#include "servers/line/byte_service.hpp"
#include "servers/net/asio.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace kpmsim {

/// One open TCP connection and what is served on it: reads, sends all that comes of it in one write,
/// and reads again when that is gone. A client that does not read its answers is not read from.
///
/// When the client has gone, what it sent last is carried out still, at its own moments.
class TcpConnection : public std::enable_shared_from_this<TcpConnection> {
public:
    using Clock = std::chrono::steady_clock;

    class Owner {
    public:
        virtual ~Owner() = default;
        /// Bytes came that the service cannot follow; the connection ends.
        virtual void misfit(const LoopSocket& client, std::span<const std::uint8_t> bytes,
                            const Misfit& what) = 0;
        /// What the service remarks about its client.
        virtual void remark(std::string_view what) = 0;
        /// It has ended by itself, and all of it is done.
        virtual void over(const std::shared_ptr<TcpConnection>& connection) = 0;
    };

    /// The owner outlives it or closes it.
    TcpConnection(LoopSocket socket, std::unique_ptr<ByteService> service, Owner& owner);

    void start();
    void close(); ///< at once, and without a word to the owner

    Clock::time_point last_request() const { return last_request_; }

private:
    void read();
    void took(const boost::system::error_code& error, std::size_t n);
    void serve();
    bool send();
    void go_on();
    void wait(LineTime until);
    void woken();
    void leave();

    LoopSocket socket_;
    std::unique_ptr<ByteService> service_;
    Owner* owner_; ///< null once closed
    std::array<std::uint8_t, 8 * 1024> in_;
    std::size_t filled_{0};
    std::vector<std::uint8_t> out_;
    bool reading_{false};
    bool writing_{false};
    bool left_{false};     ///< the client
    LineTime closes_at_{}; ///< once the client has left
    std::optional<LoopTimer> timer_;
    Clock::time_point last_request_{Clock::now()};
};

} // namespace kpmsim
