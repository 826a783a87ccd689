#pragma once

// What the live MQTT tests stand on: a mosquitto of the test's own, a subscriber that is no code of
// ours, the log as text, and the loop run until something is true.

#include "said.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "servers/net/asio.hpp"

#include <mosquitto.h>

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace kpmsim::test {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Runs the loop until `true_now()`; false when it is not after `patience`.
template <class Predicate>
bool run_until(boost::asio::io_context& loop, Predicate true_now,
               std::chrono::milliseconds patience = 20s) {
    const auto end = Clock::now() + patience;
    while (!true_now()) {
        if (Clock::now() >= end)
            return false;
        loop.restart();
        loop.run_one_for(10ms);
    }
    return true;
}

template <class Predicate>
bool wait_until(Predicate true_now, std::chrono::milliseconds patience = 20s) {
    const auto end = Clock::now() + patience;
    while (!true_now()) {
        if (Clock::now() >= end)
            return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

inline MqttEndpoint at(unsigned short port, std::string account = {}, std::string password = {}) {
    return {"127.0.0.1", port, std::move(account), std::move(password)};
}

/// As in life, ten times as fast.
inline MqttOptions hasty(int qos = 0, std::chrono::milliseconds handshake = 300ms) {
    MqttOptions o;
    o.qos = qos;
    o.handshake_timeout = handshake;
    o.first_pause = 50ms;
    o.longest_pause = 200ms;
    return o;
}

/// A TCP socket on 127.0.0.1 that is bound; it listens only when told to, and never accepts.
class SilentPort {
public:
    explicit SilentPort(int backlog = -1)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        const int on = 1;
        ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            (backlog >= 0 && ::listen(fd_, backlog) != 0))
            throw std::runtime_error("no port for the test");
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        number_ = ntohs(address.sin_port);
    }
    ~SilentPort() { close(); }
    SilentPort(const SilentPort&) = delete;
    SilentPort& operator=(const SilentPort&) = delete;

    unsigned short number() const { return number_; }
    /// How many connections were made to it so far; they are kept open.
    std::size_t taken() {
        for (int fd = 0; (fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;)
            taken_.push_back(fd);
        return taken_.size();
    }
    void close() {
        for (const int fd : taken_)
            ::close(fd);
        taken_.clear();
        if (fd_ >= 0)
            ::close(fd_);
        fd_ = -1;
    }

private:
    int fd_;
    std::vector<int> taken_;
    unsigned short number_{0};
};

inline unsigned short free_port() { return SilentPort{}.number(); }

/// A mosquitto with a port and a configuration of the test's choice.
class Mosquitto {
public:
    explicit Mosquitto(unsigned short port, const std::string& more = "allow_anonymous true\n")
        : port_(port) {
        char folder[] = "/tmp/kpmsim-test-XXXXXX";
        folder_ = ::mkdtemp(folder);
        const std::string config = folder_ + "/mosquitto.conf";
        std::ofstream{config} << "listener " << port << " 127.0.0.1\nuser root\n"
                              << "log_type error\nmax_queued_messages 100000\n"
                              << more;
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            const int null = ::open("/dev/null", O_RDWR);
            ::dup2(null, STDERR_FILENO); // it warns of being run by root
            for (const char* program : {"/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"})
                ::execl(program, "mosquitto", "-c", config.c_str(), nullptr);
            ::_exit(127);
        }
        if (!wait_until([&] { return accepts(); }, 10s))
            throw std::runtime_error("mosquitto does not start");
    }
    ~Mosquitto() {
        end(SIGKILL);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Mosquitto(const Mosquitto&) = delete;
    Mosquitto& operator=(const Mosquitto&) = delete;

    void signal(int number) const { ::kill(pid_, number); }
    void end(int number) {
        if (pid_ <= 0)
            return;
        ::kill(pid_, number);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

private:
    bool accepts() const {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool yes = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        ::close(fd);
        return yes;
    }

    unsigned short port_;
    std::string folder_;
    pid_t pid_{-1};
};

/// A subscriber to everything, on libmosquitto's own thread.
class Subscriber {
public:
    explicit Subscriber(unsigned short port, int qos = 0) : qos_(qos) {
        mosquitto_lib_init();
        client_ = mosquitto_new("test-subscriber", true, this);
        mosquitto_connect_callback_set(client_, [](mosquitto* m, void* self, int) {
            mosquitto_subscribe(m, nullptr, "#", static_cast<Subscriber*>(self)->qos_);
        });
        mosquitto_subscribe_callback_set(client_, [](mosquitto*, void* self, int, int, const int*) {
            auto& s = *static_cast<Subscriber*>(self);
            const std::lock_guard lock{s.mutex_};
            s.subscribed_ = true;
        });
        mosquitto_message_callback_set(
            client_, [](mosquitto*, void* self, const mosquitto_message* m) {
                auto& s = *static_cast<Subscriber*>(self);
                const std::lock_guard lock{s.mutex_};
                s.messages_[m->topic].emplace_back(static_cast<const char*>(m->payload),
                                                   static_cast<std::size_t>(m->payloadlen));
                s.retained_ += m->retain ? 1 : 0;
                ++s.received_;
            });
        mosquitto_connect(client_, "127.0.0.1", port, 60);
        mosquitto_loop_start(client_);
        if (!wait_until([this] {
                const std::lock_guard lock{mutex_};
                return subscribed_;
            }))
            throw std::runtime_error("the test's subscriber is not served");
    }
    ~Subscriber() {
        mosquitto_disconnect(client_);
        mosquitto_loop_stop(client_, false);
        mosquitto_destroy(client_);
    }
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    std::size_t received() {
        const std::lock_guard lock{mutex_};
        return received_;
    }
    std::size_t retained() {
        const std::lock_guard lock{mutex_};
        return retained_;
    }
    /// By topic, in the order of arrival.
    std::map<std::string, std::vector<std::string>> messages() {
        const std::lock_guard lock{mutex_};
        return messages_;
    }

private:
    int qos_;
    mosquitto* client_{nullptr};
    std::mutex mutex_;
    bool subscribed_{false};
    std::size_t received_{0};
    std::size_t retained_{0};
    std::map<std::string, std::vector<std::string>> messages_;
};

/// How many descriptors this process has open, by what they lead to.
inline std::map<std::string, int> descriptors() {
    std::map<std::string, int> out;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        std::string target = std::filesystem::read_symlink(entry.path(), gone);
        if (!gone)
            ++out[target.substr(0, target.find(':'))];
    }
    return out;
}

} // namespace kpmsim::test
