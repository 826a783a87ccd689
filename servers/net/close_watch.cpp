#include "servers/net/close_watch.hpp"

#include "servers/net/asio.hpp"
#include "servers/net/shared_on_loop.hpp"

#include <array>
#include <cstring>
#include <map>
#include <set>

#include <sys/inotify.h>
#include <unistd.h>

namespace kpmsim {
namespace {

CannotListen cannot_watch(int error) {
    return CannotListen{std::string{"cannot watch who leaves a pty: "} + std::strerror(error) +
                        " (inotify; fs.inotify.max_user_instances and max_user_watches limit it)"};
}

} // namespace

struct CloseWatch::Parts : std::enable_shared_from_this<Parts> {
    explicit Parts(EventLoop& loop) : inotify{loop} {}

    void wait() {
        inotify.async_wait(
            LoopDescriptor::wait_read,
            [self = shared_from_this()](const boost::system::error_code& error) {
                if (error || !self->inotify.is_open())
                    return;
                self->catch_up();
                if (self->inotify.is_open())
                    self->wait();
            });
    }

    void catch_up() {
        const auto self = shared_from_this();
        std::set<int> closed;
        alignas(inotify_event) std::array<char, 4096> buffer;
        while (inotify.is_open()) {
            const auto n = ::read(inotify.native_handle(), buffer.data(), buffer.size());
            if (n <= 0)
                break;
            for (std::size_t i = 0; i < static_cast<std::size_t>(n);) {
                inotify_event event;
                std::memcpy(&event, buffer.data() + i, sizeof event);
                i += sizeof event + event.len;
                if (event.mask & IN_CLOSE)
                    closed.insert(event.wd);
            }
        }
        for (const int number : closed) {
            const auto found = handlers.find(number);
            if (found == handlers.end())
                continue;
            const auto handler = found->second; // it may forget itself
            handler();
        }
    }

    LoopDescriptor inotify;
    std::map<int, Handler> handlers;
};

CloseWatch::CloseWatch(EventLoop& loop) : parts_{std::make_shared<Parts>(loop)} {
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        throw cannot_watch(errno);
    parts_->inotify.assign(fd);
    parts_->wait();
}

CloseWatch::~CloseWatch() { parts_->inotify.close(); }

std::shared_ptr<CloseWatch> CloseWatch::of(EventLoop& loop) {
    return shared_on<CloseWatch>(
        loop, [&] { return new CloseWatch{loop}; });
}

int CloseWatch::watch(const std::string& path, Handler handler) {
    const int number = ::inotify_add_watch(parts_->inotify.native_handle(), path.c_str(), IN_CLOSE);
    if (number < 0)
        throw cannot_watch(errno);
    parts_->handlers[number] = std::move(handler);
    return number;
}

void CloseWatch::forget(int number) {
    if (parts_->handlers.erase(number) > 0)
        ::inotify_rm_watch(parts_->inotify.native_handle(), number);
}

void CloseWatch::catch_up() { parts_->catch_up(); }

} // namespace kpmsim
