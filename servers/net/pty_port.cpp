#include "servers/net/pty_port.hpp"

#include "servers/net/asio.hpp"
#include "servers/net/close_watch.hpp"
#include "servers/net/descriptor.hpp"
#include "servers/net/line_clock.hpp"
#include "servers/net/pty_link.hpp"
#include "servers/net/tty_settings.hpp"
#include "servers/net/tty_unsettler.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

// What a pty does that a serial port does not, and the cure taken here.
//
// - Without a client the master reads errors for ever: the slave is held open.
// - What is written while no client is there waits for the next one: an answer is written only
//   while somebody is there and if it was asked since the line was last deserted, and what a client
//   left unread is thrown away when it goes. Whether the last one went is asked, whenever one goes,
//   by letting go of the slave for a moment: then the master knows.
// - Settings outlive the client that made them. A second, equal request for parity (which a pty
//   never has) then fails in the C library, because nothing changes: one of them is taken away once
//   a client has spoken or has gone, so that every opening changes something (see
//   tty_unsettler.hpp).
// - Speed and exclusive use (TIOCEXCL) outlive a killed client too: put back a moment after the last
//   one went. Not at once, for the next may be setting the line just then and would lose what it
//   has set.
// - A pty takes bytes as fast as they are written: when the clients are further ahead of the wire
//   than a serial driver's buffer would let them be, reading stops until the wire has caught up.

namespace kpmsim {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds pause_after_error{100};
constexpr std::chrono::milliseconds put_back_after{50};
/// The kernel tells of a closing before it is done: who seems to be there still is looked at again.
constexpr std::array<std::chrono::milliseconds, 3> look_again_after{
    std::chrono::milliseconds{1}, std::chrono::milliseconds{10}, std::chrono::milliseconds{100}};

/// The client's end, held without going by its path; only to read, by which its closing differs from a
/// client's (see tty_unsettler.hpp).
Descriptor open_slave(int master) {
    return Descriptor{::ioctl(master, TIOCGPTPEER, O_RDONLY | O_NOCTTY | O_CLOEXEC)};
}

struct Pty {
    Descriptor master;
    Descriptor slave;
    std::string device;
};

Pty open_pty(const std::string& link) {
    const auto failed = [&](int error) {
        return no_link(link, error == ENOSPC
                                 ? "no pseudo-TTY is left (sysctl kernel.pty.max sets how many)"
                                 : std::string{"no pseudo-TTY: "} + std::strerror(error));
    };
    Pty pty;
    pty.master = Descriptor{::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (!pty.master)
        throw failed(errno);
    const int master = pty.master.get();
    std::array<char, 64> name{};
    if (::grantpt(master) != 0 || ::unlockpt(master) != 0 ||
        ::ptsname_r(master, name.data(), name.size()) != 0)
        throw failed(errno);
    pty.slave = open_slave(master);
    if (!pty.slave)
        throw failed(errno);
    pty.device = name.data();
    return pty;
}

speed_t named_speed(int baud) {
    switch (baud) {
    case 1200:
        return B1200;
    case 2400:
        return B2400;
    case 4800:
        return B4800;
    case 19200:
        return B19200;
    case 38400:
        return B38400;
    case 57600:
        return B57600;
    case 115200:
        return B115200;
    default:
        return B9600;
    }
}

/// Raw bytes at the line's speed, and something for a client to change.
termios idle_settings(int slave, int baud) {
    termios settings{};
    ::tcgetattr(slave, &settings);
    ::cfmakeraw(&settings);
    settings.c_cflag |= CREAD;
    settings.c_cflag &= ~static_cast<tcflag_t>(CLOCAL);
    ::cfsetspeed(&settings, named_speed(baud));
    return settings;
}

} // namespace

struct PtyPort::Parts : std::enable_shared_from_this<Parts> {
    Parts(EventLoop& loop, const std::string& link_name, int idle_baud,
          std::unique_ptr<ByteService> served)
        : link{link_name}, place{place_of_link(link_name)}, baud{idle_baud}, service{std::move(
                                                                                 served)},
          master{loop}, next_event{loop}, read_again{loop}, put_back{loop},
          look_again{loop}, watch{CloseWatch::of(loop)}, unsettler{TtyUnsettler::of(loop)} {}

    void open() {
        auto pty = open_pty(link);
        slave = std::move(pty.slave);
        device = pty.device;
        idle = idle_settings(slave.get(), baud);
        ::tcsetattr(slave.get(), TCSANOW, &idle);
        unsettled = unsettler->watch(device, pty.master.get());
        watch_closing();
        reserved = reserve_link(place);
        make_link(place, device);
        master.assign(pty.master.release());
        master.non_blocking(true);
        read();
    }

    void close() {
        if (watched >= 0)
            watch->forget(std::exchange(watched, -1));
        if (unsettled >= 0)
            unsettler->forget(std::exchange(unsettled, -1));
        if (!master.is_open())
            return;
        take_link_away(place, device);
        reserved.close();
        error_code ignored;
        master.close(ignored);
        next_event.cancel();
        read_again.cancel();
        put_back.cancel();
        look_again.cancel();
        slave.close();
    }

    // From the client.

    void read() {
        master.async_wait(
            LoopDescriptor::wait_read,
            [self = shared_from_this()](const error_code& stopped) {
                if (!stopped && self->master.is_open())
                    self->readable();
            });
    }

    void readable() {
        error_code error;
        const auto n = master.read_some(asio::buffer(in), error);
        if (error && error != asio::error::would_block) {
            if (!slave)
                slave = open_slave(master.native_handle());
            return read_at(line_now() + pause_after_error);
        }
        if (n > 0)
            take(n);
        read_when_wire_allows();
    }

    void read_when_wire_allows() {
        const auto from = service->takes_from();
        if (from <= line_now())
            read();
        else
            read_at(from);
    }

    void read_at(LineTime at) {
        read_again.expires_at(moment(at));
        read_again.async_wait([self = shared_from_this()](const error_code& stopped) {
            if (!stopped && self->master.is_open())
                self->read();
        });
    }

    void take(std::size_t n) {
        out.clear();
        service->take({in.data(), n}, {line_now(), tty_speed(master.native_handle())}, out);
        unsettle_tty(master.native_handle());
        present = true;
        write();
        wait_for_next_event();
    }

    // To the client.

    void tell_of_remark() {
        if (const auto remark = service->remark(); !remark.empty() && !std::exchange(said, true))
            spdlog::warn(fmt::format("{} {}", link, remark));
    }

    void wait_for_next_event() {
        const auto next = service->next_event();
        if (!next)
            return;
        next_event.expires_at(moment(std::max(*next, LineTime{})));
        next_event.async_wait([self = shared_from_this()](const error_code& stopped) {
            if (stopped || !self->master.is_open())
                return;
            self->watch->catch_up(); // what was asked by a client who has gone is nobody's
            self->out.clear();
            self->service->advance(line_now(), self->out);
            self->write();
            self->tell_of_remark();
            self->wait_for_next_event();
        });
    }

    /// What a client that never reads has no room for is lost, as in a serial port.
    void write() {
        error_code ignored;
        if (!out.empty())
            master.write_some(asio::buffer(out), ignored);
    }

    // Who is there.

    void watch_closing() {
        watched = watch->watch(
            device, [this] { somebody_left(0); });
    }

    /// looks: how often it was asked already whether anybody is there
    void somebody_left(std::size_t looks) {
        // In this order: what comes after the look is from a client that came after it.
        const bool took_all = take_what_was_left();
        if (somebody_there())
            return ask_again(looks);
        look_again.cancel();
        if (!std::exchange(present, false))
            tell_of_silent_visit();
        service->client_left();
        if (!took_all)
            throw_away_the_rest();
        ::tcflush(slave.get(), TCIFLUSH);
        put_back_settings();
    }

    void ask_again(std::size_t looks) {
        if (looks == look_again_after.size())
            return;
        look_again.expires_after(look_again_after[looks]);
        look_again.async_wait([self = shared_from_this(), looks](const error_code& stopped) {
            if (!stopped && self->master.is_open())
                self->somebody_left(looks + 1);
        });
    }

    void tell_of_silent_visit() {
        if (!std::exchange(said_silent, true))
            spdlog::info(link +
                         " was opened and left without a word; if that was a client's "
                         "\"Invalid argument\": it asks for parity, which a pty has not; let it "
                         "ask for 8N1");
    }

    void put_back_settings() {
        if (put_back.expiry() > std::chrono::steady_clock::now())
            return; // somebody who comes and goes all the time does not put it off for ever
        put_back.expires_after(put_back_after);
        put_back.async_wait([self = shared_from_this()](const error_code& stopped) {
            if (stopped || !self->master.is_open() || self->somebody_there())
                return;
            ::ioctl(self->slave.get(), TIOCNXCL);
            ::tcsetattr(self->slave.get(), TCSANOW, &self->idle);
        });
    }

    /// Without the slave in our hand the master is hung up exactly when no client holds it either.
    bool somebody_there() {
        int exclusive = 0; // would keep the slave from us
        ::ioctl(slave.get(), TIOCGEXCL, &exclusive);
        ::ioctl(slave.get(), TIOCNXCL);
        watch->forget(watched); // our own closing is no news, a client's from here on is
        slave.close();
        watch_closing();
        pollfd hung_up{master.native_handle(), 0, 0};
        ::poll(&hung_up, 1, 0);
        const bool there = (hung_up.revents & POLLHUP) == 0;
        slave = open_slave(master.native_handle());
        if (there && exclusive != 0)
            ::ioctl(slave.get(), TIOCEXCL);
        return there;
    }

    /// What a client wrote before it went is on the wire still, as far as a serial driver would
    /// have taken it. False when there is more than that.
    bool take_what_was_left() {
        while (service->takes_from() <= line_now()) {
            error_code error;
            const auto n = master.read_some(asio::buffer(in), error);
            if (error || n == 0)
                return true;
            take(n);
        }
        return false;
    }

    void throw_away_the_rest() {
        error_code error;
        while (master.read_some(asio::buffer(in), error) > 0 && !error)
            ;
    }

    std::string link;
    std::string place; ///< the link, wherever the program may change to
    std::string device;
    int baud; ///< while nobody is there
    std::unique_ptr<ByteService> service;
    LoopDescriptor master;
    Descriptor slave;
    Descriptor reserved; ///< the link's name
    termios idle{};
    LoopTimer next_event;
    LoopTimer read_again;
    LoopTimer put_back; ///< of the settings
    LoopTimer look_again;
    std::shared_ptr<CloseWatch> watch;
    int watched{-1};
    std::shared_ptr<TtyUnsettler> unsettler;
    int unsettled{-1};
    bool said{false}; ///< what the service remarked
    bool said_silent{false};
    bool present{false}; ///< some client is there, or its last words were just read
    std::array<std::uint8_t, 512> in;
    std::vector<std::uint8_t> out;
};

PtyPort::PtyPort(EventLoop& loop, const std::string& link, int baud, ByteServiceFactory& services)
    : parts_{std::make_shared<Parts>(loop, link, baud, services.connect())} {
    try {
        parts_->open();
    } catch (...) {
        parts_->close();
        throw;
    }
}

PtyPort::~PtyPort() { parts_->close(); }

const std::string& PtyPort::link() const { return parts_->link; }
std::string PtyPort::device() const { return parts_->device; }

} // namespace kpmsim
