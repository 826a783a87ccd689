#include "models/faces/registers.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/net/asio.hpp"
#include "servers/net/tcp_listener.hpp"

#include "modbus_rig.hpp"
#include "outside_clients.hpp"
#include "said.hpp"
#include "serving_thread.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <modbus.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Two meters behind one port, served on a thread of its own.
struct Port {
    MeterType type{rig::plain_type()};
    std::unique_ptr<Meter> one{rig::meter(type, 1)};
    std::unique_ptr<Meter> two{rig::meter(type, 2)};
    rig::ServingThread serving;
    std::shared_ptr<ModbusTcp> services;
    std::unique_ptr<TcpListener> listener;

    explicit Port(const TcpListener::Limits& limits = {}) {
        ModbusUnits units;
        units.units = {{&one->circuits().front()}, {&two->circuits().front()}};
        services = std::make_shared<ModbusTcp>(units);
        listener =
            std::make_unique<TcpListener>(serving.loop, Endpoint{"127.0.0.1", 0}, services, limits);
        serving.start();
    }
    ~Port() { serving.stop(); }

    unsigned short number() const { return listener->endpoint().port; }
    /// The counters, once the thread is at rest.
    Traffic traffic() {
        serving.stop();
        Traffic sum = listener->traffic();
        return sum += services->traffic();
    }
};

/// A client that sends bytes and waits for bytes, at most two seconds.
class RawClient {
public:
    explicit RawClient(unsigned short port) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
        const timeval patience{10, 0}; // sanitizers on a busy machine want it
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    void send(const rig::Bytes& bytes) { asio::write(socket_, asio::buffer(bytes)); }
    /// What comes, up to n bytes; fewer when the server closed or ten seconds passed.
    rig::Bytes take(std::size_t n) {
        rig::Bytes bytes(n);
        std::size_t got = 0;
        while (got < n) {
            const auto more = ::recv(socket_.native_handle(), bytes.data() + got, n - got, 0);
            if (more <= 0) {
                closed_ = more == 0 || errno == ECONNRESET;
                break;
            }
            got += static_cast<std::size_t>(more);
        }
        bytes.resize(got);
        return bytes;
    }
    bool closed() {
        take(1);
        return closed_;
    }
    tcp::socket& socket() { return socket_; }

private:
    asio::io_context loop_;
    tcp::socket socket_{loop_};
    bool closed_{false};
};

const rig::Bytes read_ten = rig::tcp(7, 1, rig::request(3, 0, 10));
constexpr std::size_t ten_registers = 9 + 20;

std::string refusal_of(const Endpoint& endpoint) {
    EventLoop loop;
    try {
        const TcpListener listener{loop, endpoint, std::make_shared<ModbusTcp>(ModbusUnits{})};
    } catch (const CannotListen& why) {
        return why.what();
    }
    return "";
}

} // namespace

TEST_SUITE("live") {
    TEST_CASE("libmodbus writes and reads the meters behind a port") {
        Port port;
        auto* const client = modbus_new_tcp("127.0.0.1", port.number());
        REQUIRE(modbus_connect(client) == 0);
        rig::libmodbus_reads_and_writes(client);
        CHECK(port.traffic().requests == rig::libmodbus_requests);
        CHECK(port.traffic().exceptions == rig::libmodbus_exceptions);
        CHECK(port.traffic().other_units == 1);
        CHECK(port.traffic().connections == 1);
    }

    TEST_CASE("mbpoll reads a register over TCP" *
              doctest::skip(!std::filesystem::exists("/usr/bin/mbpoll"))) {
        Port port;
        port.serving.stop();
        write_registers(port.one->circuits().front(), 9, std::vector<std::uint16_t>{4321});
        port.serving.start();
        rig::mbpoll_reads(fmt::format("-m tcp -p {} 127.0.0.1", port.number()));
    }

    TEST_CASE("requests written in one go or byte by byte are all answered in order") {
        Port port;
        RawClient client{port.number()};
        rig::Bytes stream;
        for (int n = 0; n < 500; ++n) {
            const auto adu = rig::tcp(n, 1 + n % 2, rig::request(3, n % 100, 60));
            stream.insert(stream.end(), adu.begin(), adu.end());
        }
        client.send(stream);
        const auto answers = client.take(500 * 129);
        REQUIRE(answers.size() == 500 * 129);
        for (std::size_t n = 0; n < 500; ++n) {
            REQUIRE((answers[129 * n] << 8 | answers[129 * n + 1]) == static_cast<int>(n));
            REQUIRE(answers[129 * n + 6] == 1 + n % 2);
        }
        client.socket().set_option(tcp::no_delay(true));
        for (const auto byte : read_ten)
            client.send({byte});
        CHECK(client.take(ten_registers).size() == ten_registers);
    }

    TEST_CASE("clients that never read, never finish or send noise do not slow the others down") {
        Port port;
        // Never reads: far more answers than both ends can buffer are asked for.
        RawClient deaf{port.number()};
        deaf.socket().non_blocking(true);
        rig::Bytes flood;
        for (int n = 0; n < 1000; ++n) {
            const auto adu = rig::tcp(n, 1, rig::request(3, 0, 125));
            flood.insert(flood.end(), adu.begin(), adu.end());
        }
        std::size_t swallowed = 0;
        for (int quiet = 0; quiet < 50;) {
            boost::system::error_code error;
            const auto n = deaf.socket().write_some(asio::buffer(flood), error);
            swallowed += n;
            quiet = n == 0 ? quiet + 1 : 0;
            if (n == 0)
                std::this_thread::sleep_for(1ms); // until the server takes no more, not a set time
        }
        CHECK(swallowed < 50'000'000); // back-pressure reached the sender
        std::vector<std::unique_ptr<RawClient>> unfinished;
        for (std::size_t n = 0; n < 100; ++n) {
            unfinished.push_back(std::make_unique<RawClient>(port.number()));
            unfinished.back()->send({read_ten.begin(), read_ten.begin() + 1 + n % 11});
        }
        RawClient noisy{port.number()};
        noisy.send(rig::Bytes(5000, 0x47));

        RawClient client{port.number()};
        std::vector<double> times_ms;
        for (int n = 0; n < 200; ++n) {
            const auto begin = std::chrono::steady_clock::now();
            client.send(read_ten);
            REQUIRE(client.take(ten_registers).size() == ten_registers);
            times_ms.push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                    .count());
        }
        std::sort(times_ms.begin(), times_ms.end());
        CHECK(times_ms[times_ms.size() / 2] < 20.0);
        CHECK(noisy.closed());

        // the half requests are still there and can be finished
        auto& last = *unfinished[4];
        last.send({read_ten.begin() + 5, read_ten.end()});
        CHECK(last.take(ten_registers).size() == ten_registers);
        CHECK(port.traffic().bad_header == 1);
    }

    TEST_CASE(
        "a client that speaks something else is named in the log when it does, and not often") {
        const test::Said said;
        Port port;
        const std::string get = "GET / HTTP/1.1\r\n";
        for (int n = 0; n < 5; ++n) {
            RawClient client{port.number()};
            client.send({get.begin(), get.end()});
            CHECK(client.closed());
        }
        CHECK(port.traffic().bad_header == 5);
        CHECK(said.count("Modbus-TCP 127.0.0.1:" + std::to_string(port.number()) +
                         ": 127.0.0.1:") == 1);
        CHECK(said.count("sent 47 45 54 20 2F 20 48 54 where an MBAP header should be") == 1);
    }

    TEST_CASE("a connection that completes no request is closed after the idle time") {
        Port port{{.idle = 200ms}};
        RawClient silent{port.number()};
        RawClient dripping{port.number()};
        RawClient busy{port.number()};
        for (int n = 0; n < 40; ++n) {
            busy.send(read_ten);
            REQUIRE(busy.take(ten_registers).size() == ten_registers);
            if (n < 5)
                dripping.send({read_ten[static_cast<std::size_t>(n)]});
            std::this_thread::sleep_for(10ms);
        }
        CHECK(silent.closed());
        CHECK(dripping.closed());
        CHECK(port.traffic().connections == 3);
        CHECK(port.listener->connections() == 1);
    }

    TEST_CASE("one client more than a meter takes is turned away, until one of them leaves") {
        Port port{{.connections = 2}};
        RawClient first{port.number()};
        {
            RawClient second{port.number()};
            for (RawClient* client : {&first, &second}) {
                client->send(read_ten);
                CHECK(client->take(ten_registers).size() == ten_registers);
            }
            RawClient third{port.number()};
            CHECK(third.closed());
            second.send(read_ten);
            CHECK(second.take(ten_registers).size() == ten_registers);
        }
        const auto served = [&] {
            RawClient next{port.number()};
            try {
                next.send(read_ten);
            } catch (const boost::system::system_error&) {
                return false; // turned away before it spoke
            }
            return next.take(ten_registers).size() == ten_registers;
        };
        bool again = false; // the server hears of the leaving a moment later
        for (int tries = 0; tries < 2000 && !again; ++tries)
            again = served();
        CHECK(again);
        CHECK(port.traffic().refused >= 1);
    }

    TEST_CASE("without descriptors new clients are turned away and served again later") {
        Port port;
        RawClient before{port.number()};
        before.send(read_ten);
        REQUIRE(before.take(ten_registers).size() == ten_registers);

        // The clients are opened first, then the table is filled, then they connect.
        constexpr int many = 5;
        asio::io_context loop;
        std::vector<tcp::socket> late;
        for (int n = 0; n < many; ++n) {
            late.emplace_back(loop);
            late.back().open(tcp::v4());
        }
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        const auto usual = limit;
        const int highest = ::open("/dev/null", O_RDONLY);
        limit.rlim_cur = static_cast<rlim_t>(highest) + 1;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        for (auto& socket : late) {
            boost::system::error_code error;
            socket.connect({asio::ip::address_v4::loopback(), port.number()}, error);
            CHECK_FALSE(error);
            std::array<char, 1> byte;
            CHECK(socket.read_some(asio::buffer(byte), error) == 0);
            CHECK(error); // closed at once, not left hanging
        }
        before.send(read_ten);
        CHECK(before.take(ten_registers).size() == ten_registers);
        ::setrlimit(RLIMIT_NOFILE, &usual);
        ::close(highest);

        RawClient after{port.number()};
        after.send(read_ten);
        CHECK(after.take(ten_registers).size() == ten_registers);
        CHECK(port.traffic().refused == many);
    }

    TEST_CASE("a thousand connections at once are served") {
        Port port;
        std::vector<std::unique_ptr<RawClient>> clients;
        clients.reserve(1000);
        for (int n = 0; n < 1000; ++n)
            clients.push_back(std::make_unique<RawClient>(port.number()));
        for (auto& client : clients)
            client->send(read_ten);
        std::size_t answered = 0;
        for (auto& client : clients)
            answered += client->take(ten_registers).size() == ten_registers;
        CHECK(answered == 1000);
        CHECK(port.traffic().requests == 1000);
        CHECK(port.listener->connections() == 1000);
        port.listener.reset();
        CHECK(clients.front()->closed());
    }

    TEST_CASE("a port that cannot be had is an error with the cure") {
        Port port;
        const auto taken = refusal_of(port.listener->endpoint());
        CHECK(taken == fmt::format("127.0.0.1:{} is taken by another program; choose another port "
                                   "or 0 for any free one",
                                   port.number()));
        CHECK(refusal_of({"192.0.2.1", 0}).find("no such address; use 127.0.0.1") !=
              std::string::npos);
        CHECK(refusal_of({"meter.example", 0}).find("is no IP address; use 127.0.0.1") !=
              std::string::npos);
        CHECK(refusal_of({"::1", 0}).empty());
    }
}
