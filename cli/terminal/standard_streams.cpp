#include "cli/terminal/standard_streams.hpp"

#include "files/printable.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace kpmsim {

namespace {

/// A pipe that is said to be writable takes this many bytes at once (PIPE_BUF of Linux).
constexpr std::size_t taken_at_once = 4096;

} // namespace

void secure_standard_streams() {
    // The wrong way round: reading from stdin and writing to stdout and stderr fail as before.
    constexpr int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor)
        if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
            (void)::open("/dev/null", modes[descriptor]); // takes the lowest number that is free
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

void say(std::string_view lines) noexcept {
    std::string shown;
    try {
        shown = printable_lines(lines);
    } catch (...) { // no memory: nothing more can be said
        return;
    }
    std::string_view text = shown;
    while (!text.empty()) {
        const auto written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (written < 0 && errno == EAGAIN) {
            pollfd ready{STDERR_FILENO, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (written == 0 || errno != EINTR) {
            return;
        }
    }
}

std::size_t write_without_waiting(int descriptor, std::string_view text) noexcept {
    std::size_t done = 0;
    while (done < text.size()) {
        pollfd ready{descriptor, POLLOUT, 0};
        if (::poll(&ready, 1, 0) != 1)
            break;
        const auto written =
            ::write(descriptor, text.data() + done, std::min(text.size() - done, taken_at_once));
        if (written > 0)
            done += static_cast<std::size_t>(written);
        else if (written == 0 || errno != EINTR)
            break;
    }
    return done;
}

} // namespace kpmsim
