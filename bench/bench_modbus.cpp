// Modbus-TCP, 100 connections, 60 holding registers a request, one request in flight on each:
// requests per second of our listener against three others that run in the same moments.
//
//   echo       a bare epoll server that sends as many bytes back without looking at what came: the
//              price of loopback TCP and of waking up, which nobody can go below
//   libmodbus  the select() loop of its own examples around modbus_receive() and modbus_reply()
//   without    ours without the place for faults that a farm's ports have; `x_without_faults` is what an empty
//              one leaves of the requests, and may cost 2 %
//
// Each server has a thread, one epoll client drives them in turn, 50 ms each, so that whatever else
// the machine does falls on all alike. `x_echo` and `x_libmodbus` are medians over the rounds.
// On a busy machine the scheduler decides about requests per second: `cpu_us` and its ratios, the
// processor time of the serving thread per request, tell more there.

#include "models/engine/meter.hpp"
#include "models/type/load_type.hpp"
#include "servers/line/fault_seat.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/net/asio.hpp"
#include "servers/net/tcp_listener.hpp"

#include <benchmark/benchmark.h>
#include <modbus.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace {

using namespace kpmsim;
using Clock = std::chrono::steady_clock;

constexpr int connections = 100;
constexpr int registers = 60;
constexpr std::size_t answer_size = 9 + 2 * registers;
constexpr std::array<std::uint8_t, 12> request{0, 1, 0, 0, 0, 6, 1, 3, 0, 0x30, 0, registers};

void expect(bool well, const char* what) {
    if (well)
        return;
    std::perror(what);
    std::abort();
}

int listen_on_loopback(unsigned short& port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    expect(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
    expect(::listen(fd, 4 * connections) == 0, "listen");
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    return fd;
}

void no_delay(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// What serves, on a thread of its own until it is destroyed.
struct Server {
    virtual ~Server() = default;
    double cpu_s() {
        clockid_t clock{};
        ::pthread_getcpuclockid(thread_.native_handle(), &clock);
        timespec time{};
        ::clock_gettime(clock, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }
    unsigned short port{0};

protected:
    std::thread thread_;
};

class OurServer : public Server {
public:
    /// `faults`: with an empty place for them before the protocol, as each port of a farm has it.
    explicit OurServer(bool faults) {
        type_.name = "bench";
        type_.functions = {3};
        type_.currents = {CurrentRating{}};
        type_.wirings = {"P4L"};
        SettingRow address;
        address.name = "address";
        address.factory = 1;
        address.role = Role::line_address;
        add_setting(type_, address);
        add_common_points(type_);
        // as on the real meters: floats
        for (int n = 0; n < registers / 2; ++n) {
            RegisterRow row;
            row.address = static_cast<std::uint16_t>(0x30 + 2 * n);
            row.words = 2;
            row.point = *type_.points.find("u_a");
            row.name = "u_a_" + std::to_string(n);
            type_.registers.rows.push_back(row);
        }
        MeterSpec spec;
        spec.type = &type_;
        spec.serial = "33B1225950027";
        meter_ = std::make_unique<Meter>(spec);
        ModbusUnits units;
        units.any = &meter_->circuits().front();
        std::shared_ptr<ByteServiceFactory> protocol = std::make_shared<ModbusTcp>(units);
        if (faults)
            protocol = std::make_shared<FaultSeat>(std::move(protocol));
        listener_ = std::make_unique<TcpListener>(loop_, Endpoint{"127.0.0.1", 0}, protocol);
        port = listener_->endpoint().port;
        thread_ = std::thread{[this] { loop_.run(); }};
    }
    ~OurServer() override {
        loop_.stop();
        thread_.join();
    }

private:
    MeterType type_;
    std::unique_ptr<Meter> meter_;
    EventLoop loop_{1};
    std::unique_ptr<TcpListener> listener_;
};

class EchoServer : public Server {
public:
    EchoServer() : listening_{listen_on_loopback(port)} {
        thread_ = std::thread{[this] { serve(); }};
    }
    ~EchoServer() override {
        stop_ = true;
        thread_.join();
    }

private:
    void serve() {
        const int poll = ::epoll_create1(0);
        const auto add = [&](int fd) {
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.fd = fd;
            ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        };
        add(listening_);
        std::vector<int> open{listening_, poll};
        std::array<epoll_event, 64> events;
        std::array<std::uint8_t, 8192> in{};
        std::array<std::uint8_t, answer_size> out{};
        while (!stop_) {
            const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
            for (int i = 0; i < n; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                if (fd == listening_) {
                    const int client = ::accept(listening_, nullptr, nullptr);
                    no_delay(client);
                    open.push_back(client);
                    add(client);
                } else if (::recv(fd, in.data(), in.size(), 0) > 0) {
                    ::send(fd, out.data(), out.size(), MSG_NOSIGNAL);
                } else {
                    ::epoll_ctl(poll, EPOLL_CTL_DEL, fd, nullptr);
                }
            }
        }
        for (const int fd : open)
            ::close(fd);
    }

    int listening_;
    std::atomic<bool> stop_{false};
};

/// As in libmodbus's own tests/bandwidth-server-many-up.c: select(), one request at a time.
class LibmodbusServer : public Server {
public:
    LibmodbusServer()
        : listening_{listen_on_loopback(port)}, server_{modbus_new_tcp("127.0.0.1", port)},
          mapping_{modbus_mapping_new(0, 0, 200, 0)} {
        thread_ = std::thread{[this] { serve(); }};
    }
    ~LibmodbusServer() override {
        stop_ = true;
        thread_.join();
        modbus_mapping_free(mapping_);
        modbus_free(server_);
    }

private:
    void serve() {
        fd_set all;
        FD_ZERO(&all);
        FD_SET(listening_, &all);
        int highest = listening_;
        while (!stop_) {
            fd_set ready = all;
            timeval wait{0, 100'000};
            if (::select(highest + 1, &ready, nullptr, nullptr, &wait) <= 0)
                continue;
            for (int fd = 0; fd <= highest; ++fd) {
                if (!FD_ISSET(fd, &ready))
                    continue;
                if (fd == listening_) {
                    const int client = ::accept(listening_, nullptr, nullptr);
                    no_delay(client);
                    FD_SET(client, &all);
                    highest = std::max(highest, client);
                    continue;
                }
                std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH> query;
                modbus_set_socket(server_, fd);
                const int n = modbus_receive(server_, query.data());
                if (n > 0) {
                    modbus_reply(server_, query.data(), n, mapping_);
                } else if (n == -1) {
                    ::close(fd);
                    FD_CLR(fd, &all);
                }
            }
        }
        for (int fd = 0; fd <= highest; ++fd)
            if (FD_ISSET(fd, &all))
                ::close(fd);
    }

    int listening_;
    modbus_t* server_;
    modbus_mapping_t* mapping_;
    std::atomic<bool> stop_{false};
};

struct Turn {
    double per_s;
    double cpu_us; ///< of the server's thread, per request
};

/// A hundred connections, each with one request on its way.
class Load {
public:
    explicit Load(unsigned short port) : poll_{::epoll_create1(0)} {
        for (int n = 0; n < connections; ++n) {
            const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            address.sin_port = htons(port);
            expect(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
                   "connect");
            no_delay(fd);
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u32 = static_cast<std::uint32_t>(clients_.size());
            ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
            clients_.push_back({fd, 0});
        }
    }
    ~Load() {
        for (const auto& client : clients_)
            ::close(client.fd);
        ::close(poll_);
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    /// Over that long; nothing is on its way before and after.
    Turn run(Server& server, std::chrono::milliseconds time) {
        const double cpu_before = server.cpu_s();
        const auto begin = Clock::now();
        const auto end = begin + time;
        for (auto& client : clients_)
            send(client);
        std::size_t answered = 0;
        std::size_t on_the_way = clients_.size();
        std::array<epoll_event, 64> events;
        std::array<std::uint8_t, 1024> in;
        while (on_the_way > 0) {
            const int n = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 2000);
            expect(n > 0, "no answer");
            const bool over = Clock::now() >= end;
            for (int i = 0; i < n; ++i) {
                auto& client = clients_[events[static_cast<std::size_t>(i)].data.u32];
                const auto got = ::recv(client.fd, in.data(), in.size(), 0);
                expect(got > 0, "recv");
                client.taken += static_cast<std::size_t>(got);
                if (client.taken < answer_size)
                    continue;
                client.taken = 0;
                ++answered;
                if (over)
                    --on_the_way;
                else
                    send(client);
            }
        }
        const double took_s = std::chrono::duration<double>(Clock::now() - begin).count();
        const auto n = static_cast<double>(answered);
        return {n / took_s, 1e6 * (server.cpu_s() - cpu_before) / n};
    }

private:
    struct Client {
        int fd;
        std::size_t taken;
    };
    static void send(const Client& client) {
        expect(::send(client.fd, request.data(), request.size(), MSG_NOSIGNAL) ==
                   static_cast<ssize_t>(request.size()),
               "send");
    }

    int poll_;
    std::vector<Client> clients_;
};

double median(std::vector<double> values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

void modbus_tcp_100_connections(benchmark::State& state) {
    // libmodbus first and warmed up, so that select() has the lowest descriptors to look through.
    constexpr std::chrono::milliseconds turn{50};
    LibmodbusServer libmodbus;
    Load on_libmodbus{libmodbus.port};
    on_libmodbus.run(libmodbus, turn);
    EchoServer echo;
    Load on_echo{echo.port};
    on_echo.run(echo, turn);
    OurServer ours{true};
    Load on_ours{ours.port};
    on_ours.run(ours, turn);
    OurServer bare_ours{false};
    Load on_bare_ours{bare_ours.port};
    on_bare_ours.run(bare_ours, turn);

    std::map<std::string, std::vector<double>> figures;
    for (auto _ : state) {
        const auto us = on_ours.run(ours, turn);
        const auto without = on_bare_ours.run(bare_ours, turn);
        const auto bare = on_echo.run(echo, turn);
        const auto peer = on_libmodbus.run(libmodbus, turn);
        figures["per_s"].push_back(us.per_s);
        figures["per_s_echo"].push_back(bare.per_s);
        figures["per_s_libmodbus"].push_back(peer.per_s);
        figures["x_echo"].push_back(us.per_s / bare.per_s);
        figures["x_libmodbus"].push_back(us.per_s / peer.per_s);
        figures["x_without_faults"].push_back(us.per_s / without.per_s);
        figures["cpu_us"].push_back(us.cpu_us);
        figures["cpu_of_without_faults"].push_back(us.cpu_us / without.cpu_us);
        figures["cpu_of_echo"].push_back(us.cpu_us / bare.cpu_us);
        figures["cpu_of_libmodbus"].push_back(us.cpu_us / peer.cpu_us);
    }
    for (const auto& [name, values] : figures)
        state.counters[name] = median(values);
}
BENCHMARK(modbus_tcp_100_connections)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(30);

} // namespace
