#include "servers/net/tty_unsettler.hpp"

#include "servers/net/descriptor.hpp"
#include "servers/net/shared_on_loop.hpp"
#include "servers/net/tty_settings.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace kpmsim {
namespace {

CannotListen cannot_watch() {
    return CannotListen{std::string{"cannot watch who leaves a pty: "} + std::strerror(errno) +
                        " (inotify; fs.inotify.max_user_instances and max_user_watches limit it)"};
}

} // namespace

struct TtyUnsettler::Parts {
    Descriptor inotify{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    Descriptor stop{::eventfd(0, EFD_CLOEXEC)};
    std::mutex mutex;
    std::map<int, int> masters; ///< by watch
    std::thread thread;

    void run() {
        sched_param lowest{};
        lowest.sched_priority = 1;
        ::pthread_setschedparam(::pthread_self(), SCHED_RR, &lowest); // refused: as all others
        std::array<pollfd, 2> ready{{{inotify.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}}};
        while (ready[1].revents == 0) {
            ::poll(ready.data(), ready.size(), -1);
            unsettle();
        }
    }

    void unsettle() {
        alignas(inotify_event) std::array<char, 4096> events;
        const auto n = ::read(inotify.get(), events.data(), events.size());
        const std::lock_guard lock{mutex};
        for (std::size_t i = 0; n > 0 && i < static_cast<std::size_t>(n);) {
            inotify_event event;
            std::memcpy(&event, events.data() + i, sizeof event);
            i += sizeof event + event.len;
            if (const auto found = masters.find(event.wd); found != masters.end())
                unsettle_tty(found->second);
        }
    }
};

TtyUnsettler::TtyUnsettler() : parts_{std::make_unique<Parts>()} {
    if (!parts_->inotify || !parts_->stop)
        throw cannot_watch();
    parts_->thread = std::thread{[this] { parts_->run(); }};
}

TtyUnsettler::~TtyUnsettler() {
    ::eventfd_write(parts_->stop.get(), 1);
    parts_->thread.join();
}

std::shared_ptr<TtyUnsettler> TtyUnsettler::of(EventLoop& loop) {
    return shared_on<TtyUnsettler>(
        loop, [] { return new TtyUnsettler; });
}

int TtyUnsettler::watch(const std::string& device, int master) {
    const std::lock_guard lock{parts_->mutex};
    const int number = ::inotify_add_watch(parts_->inotify.get(), device.c_str(), IN_CLOSE_WRITE);
    if (number < 0)
        throw cannot_watch();
    parts_->masters[number] = master;
    return number;
}

void TtyUnsettler::forget(int number) {
    const std::lock_guard lock{parts_->mutex};
    if (parts_->masters.erase(number) > 0)
        ::inotify_rm_watch(parts_->inotify.get(), number);
}

} // namespace kpmsim
