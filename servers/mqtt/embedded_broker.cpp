// How the child is made to end with us. PR_SET_PDEATHSIG kills it when its parent *thread* ends,
// and the kernel forgets that wish when the child changes its user, as mosquitto does when root
// starts it. So one thread of the broker's own forks, then waits for the child until it is gone,
// and the configuration says `user root`, which mosquitto reads as "stay who you are" (any other
// user stays who they are anyway). Its own session keeps a Ctrl-C on our terminal away from it:
// clients are to say goodbye first.
//
// Nothing lies on the disk, so nothing is left there after a kill -9: configuration and log are
// memory files, which the child opens as /proc/self/fd/N.
//
// The port is held until the broker has bound it, too.
#include "servers/mqtt/embedded_broker.hpp"

#include "servers/net/descriptor.hpp"
#include "servers/net/held_port.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <future>
#include <mutex>
#include <netinet/in.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* cure = "; or give a broker that runs already, as broker = "
                             "\"mqtt://host:port\"";

std::string find_program(const std::string& given) {
    if (!given.empty()) {
        if (::access(given.c_str(), X_OK) == 0)
            return given;
        throw CannotListen("the broker program " + given +
                           " cannot be run: " + std::strerror(errno) + cure);
    }
    const char* path = std::getenv("PATH");
    const std::string folders = std::string{path == nullptr ? "" : path} + ":/usr/sbin";
    for (std::size_t from = 0; from <= folders.size();) {
        const auto to = std::min(folders.find(':', from), folders.size());
        auto candidate = folders.substr(from, to - from) + "/mosquitto";
        if (to > from && ::access(candidate.c_str(), X_OK) == 0)
            return candidate;
        from = to + 1;
    }
    throw CannotListen(std::string{"an embedded broker needs mosquitto, which is not installed: "
                                   "apt-get install mosquitto"} +
                       cure);
}

Descriptor memory_file(const char* name, const std::string& text) {
    Descriptor file{::memfd_create(name, MFD_CLOEXEC)};
    if (file.get() < 0 ||
        ::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw CannotListen(std::string{"no memory file for the embedded broker: "} +
                           std::strerror(errno));
    return file;
}

bool accepts(unsigned short port) {
    const Descriptor probe{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

std::string configuration(unsigned short port) {
    return "listener " + std::to_string(port) +
           " 127.0.0.1\n"
           "allow_anonymous true\n"
           "user root\n"
           "persistence false\n"
           "set_tcp_nodelay true\n"
           "max_queued_messages 10000\n" // a slow subscriber costs memory, and not for ever
           "log_dest stderr\n"
           "log_type error\n"
           "log_type warning\n"
           "connection_messages false\n";
}

std::string last_line(int log) {
    std::array<char, 4096> text{};
    const off_t size = ::lseek(log, 0, SEEK_END);
    const off_t from = std::max<off_t>(0, size - static_cast<off_t>(text.size()));
    const ssize_t n = ::pread(log, text.data(), text.size(), from);
    std::string_view line{text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
    while (!line.empty() && line.back() == '\n')
        line.remove_suffix(1);
    line = line.substr(line.rfind('\n') + 1);
    if (const auto stamp = line.find(": ");
        stamp != std::string_view::npos && line.find_first_not_of("0123456789") == stamp)
        line.remove_prefix(stamp + 2); // seconds since 1970
    return std::string{line};
}

std::string how_it_ended(int status) {
    if (WIFSIGNALED(status))
        return std::string{"signal "} + std::to_string(WTERMSIG(status));
    return "exit code " + std::to_string(WEXITSTATUS(status));
}

} // namespace

struct EmbeddedBroker::Parts {
    std::string program;
    HeldPort port;
    Descriptor config;
    Descriptor log;

    std::mutex mutex; // a pid is signalled only while nobody can have taken it over
    int pid{-1};
    bool gone{false};
    int status{0};
    std::atomic<bool> stopping{false};
    std::promise<int> started; // errno of fork
    std::thread keeper;

    ~Parts() { stop(); }

    // Everything in the child is safe after a fork of a process with threads.
    [[noreturn]] void become_broker(pid_t parent) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent)
            ::_exit(127); // it ended before it could be watched
        ::setsid();
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::signal(SIGPIPE, SIG_DFL); // what this program ignores its children would ignore, too
        ::signal(SIGXFSZ, SIG_DFL);
        const int null = ::open("/dev/null", O_RDONLY);
        ::dup2(null, STDIN_FILENO);
        ::dup2(log.get(), STDOUT_FILENO);
        ::dup2(log.get(), STDERR_FILENO);
        ::dup2(config.get(), 3); // dup2 clears close-on-exec, except on itself
        ::fcntl(3, F_SETFD, 0);
        ::syscall(SYS_close_range, 4u, ~0u, 0u);
        const char* const arguments[] = {"mosquitto", "-c", "/proc/self/fd/3", nullptr};
        ::execv(program.c_str(), const_cast<char* const*>(arguments));
        ::_exit(126);
    }

    void start() {
        keeper = std::thread([this] {
            const pid_t parent = ::getpid();
            const pid_t child = ::fork();
            if (child == 0)
                become_broker(parent);
            {
                const std::lock_guard lock{mutex};
                pid = child;
                gone = child < 0;
            }
            started.set_value(child < 0 ? errno : 0);
            if (child > 0)
                keep();
        });
        if (const int error = started.get_future().get(); error != 0)
            throw CannotListen(std::string{"the embedded broker did not start: "} +
                               std::strerror(error) + cure);
    }

    void keep() {
        siginfo_t info{};
        while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 &&
               errno == EINTR)
            ;
        const std::lock_guard lock{mutex};
        ::waitpid(pid, &status, 0);
        gone = true;
        if (!stopping)
            spdlog::error(fmt::format("the embedded broker ended by itself ({}): {}",
                                      how_it_ended(status), last_line(log.get())));
    }

    bool is_gone() {
        const std::lock_guard lock{mutex};
        return gone;
    }

    void signal(int number) {
        const std::lock_guard lock{mutex};
        if (!gone && pid > 0)
            ::kill(pid, number);
    }

    void stop() {
        stopping = true;
        signal(SIGTERM);
        for (const auto patience = Clock::now() + 500ms; !is_gone() && Clock::now() < patience;)
            std::this_thread::sleep_for(1ms);
        signal(SIGKILL);
        if (keeper.joinable())
            keeper.join();
    }
};

EmbeddedBroker::EmbeddedBroker(const std::string& program) {
    const std::string found = find_program(program);
    std::string why;
    for (int attempt = 0; attempt < 3; ++attempt) {
        parts_ = std::make_unique<Parts>();
        Parts& p = *parts_;
        p.program = found;
        p.config = memory_file("kpmsim-broker.conf", configuration(p.port.number()));
        p.log = memory_file("kpmsim-broker.log", {});
        p.stopping = true; // until it accepts, its end is told by an exception
        p.start();
        const auto patience = Clock::now() + 30s; // on a machine that has no time for it
        while (!p.is_gone() && Clock::now() < patience) {
            if (accepts(p.port.number())) {
                p.stopping = false;
                p.port.let_go();
                return;
            }
            std::this_thread::sleep_for(2ms);
        }
        if (!p.is_gone()) {
            why = "it does not accept within 30 s";
            break;
        }
        why = last_line(p.log.get());
        if (why.empty())
            why = how_it_ended(p.status);
        if (why.find("in use") == std::string::npos)
            break;
    }
    throw CannotListen("the embedded broker " + found + " did not start: " + why + cure);
}

EmbeddedBroker::~EmbeddedBroker() = default;

Endpoint EmbeddedBroker::endpoint() const { return {"127.0.0.1", parts_->port.number()}; }

int EmbeddedBroker::pid() const { return parts_->pid; }

} // namespace kpmsim
