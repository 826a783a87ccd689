#include "servers/net/socket_watch.hpp"

#include "servers/net/asio.hpp"

#include <array>
#include <sys/epoll.h>

namespace kpmsim {
namespace {

/// A turn is short: others live on the loop, too.
constexpr std::size_t sockets_per_turn = 128;

} // namespace

struct SocketWatch::Parts : std::enable_shared_from_this<SocketWatch::Parts> {
    Parts(EventLoop& loop, Handler h) : instance{loop}, handler{std::move(h)} {
        const int fd = ::epoll_create1(EPOLL_CLOEXEC);
        if (fd < 0)
            throw CannotListen("no descriptor is left for the MQTT clients (ulimit -n)");
        instance.assign(fd);
    }

    void watch() {
        instance.async_wait(
            LoopDescriptor::wait_read,
            [weak = weak_from_this()](const boost::system::error_code& error) {
                const auto self = weak.lock();
                if (!self || error)
                    return;
                self->turn();
                if (!self->stopped)
                    self->watch();
            });
    }

    void turn() {
        std::array<epoll_event, sockets_per_turn> events;
        const int n = ::epoll_wait(instance.native_handle(), events.data(),
                                   static_cast<int>(events.size()), 0);
        for (int k = 0; k < n && !stopped; ++k) {
            const auto& event = events[static_cast<std::size_t>(k)];
            handler(static_cast<std::size_t>(event.data.u64 >> 32),
                    static_cast<int>(event.data.u64 & 0xffffffffu),
                    (event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0,
                    (event.events & EPOLLOUT) != 0);
        }
    }

    void control(int operation, int socket, std::size_t owner, bool writes) {
        epoll_event event{};
        event.events = EPOLLIN | (writes ? EPOLLOUT : 0u);
        event.data.u64 =
            static_cast<std::uint64_t>(owner) << 32 | static_cast<std::uint32_t>(socket);
        ::epoll_ctl(instance.native_handle(), operation, socket, &event);
    }

    LoopDescriptor instance;
    const Handler handler;
    bool stopped{false};
};

SocketWatch::SocketWatch(EventLoop& loop, Handler handler)
    : parts_{std::make_shared<Parts>(loop, std::move(handler))} {
    parts_->watch();
}

SocketWatch::~SocketWatch() { stop(); }

void SocketWatch::add(int socket, std::size_t owner, bool writes) {
    parts_->control(EPOLL_CTL_ADD, socket, owner, writes);
}

void SocketWatch::change(int socket, std::size_t owner, bool writes) {
    parts_->control(EPOLL_CTL_MOD, socket, owner, writes);
}

void SocketWatch::stop() {
    parts_->stopped = true;
    parts_->instance.cancel();
}

} // namespace kpmsim
