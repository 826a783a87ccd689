#include "servers/line/shared_line.hpp"
#include "servers/modbus/modbus_tcp.hpp"
#include "servers/modbus/rtu_meters.hpp"
#include "servers/net/asio.hpp"
#include "servers/net/tcp_dialler.hpp"
#include "servers/net/tcp_listener.hpp"

#include "modbus_rig.hpp"
#include "test_mqtt_support.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr DialOptions impatient{20ms, 200ms, 300ms};

/// A head end: takes the connections that meters open, one after the other.
class HeadEnd {
public:
    explicit HeadEnd(unsigned short port = 0)
        : acceptor_{loop_, tcp::endpoint{asio::ip::address_v4::loopback(), port}} {
        acceptor_.non_blocking(true);
    }
    unsigned short port() const { return acceptor_.local_endpoint().port(); }
    void close() { acceptor_.close(); }
    /// The next connection; nothing when there is none yet.
    std::optional<tcp::socket> take() {
        tcp::socket socket{loop_};
        boost::system::error_code none;
        acceptor_.accept(socket, none);
        if (none)
            return {};
        socket.non_blocking(true);
        return socket;
    }

private:
    asio::io_context loop_;
    tcp::acceptor acceptor_;
};

struct Dialled {
    MeterType type{rig::plain_type()};
    std::unique_ptr<Meter> meter;
    EventLoop loop;
    Said said;
    std::shared_ptr<ByteServiceFactory> rtu, tcp;

    Dialled() {
        type.line.turnaround_ms = 2;
        meter = rig::meter(type, 1);
        const LineSettings settings{115200, 10};
        rtu = std::make_shared<SharedLine>(
            settings,
            std::make_unique<RtuMeters>(settings, std::vector{&meter->circuits().front()}));
        ModbusUnits units;
        units.any = &meter->circuits().front();
        tcp = std::make_shared<ModbusTcp>(units);
    }

    std::optional<tcp::socket> taken(HeadEnd& head) {
        std::optional<tcp::socket> socket;
        CHECK(run_until(loop, [&] { return (socket = head.take()).has_value(); }));
        return socket;
    }
    rig::Bytes ask(tcp::socket& socket, const rig::Bytes& request, std::size_t size) {
        asio::write(socket, asio::buffer(request));
        rig::Bytes got;
        run_until(loop, [&] {
            std::array<std::uint8_t, 300> some{};
            boost::system::error_code none;
            const auto n = socket.read_some(asio::buffer(some), none);
            got.insert(got.end(), some.begin(), some.begin() + static_cast<long>(n));
            return got.size() >= size;
        });
        return got;
    }
};

const rig::Bytes answer_of_two{1, 3, 4, 0, 0, 0, 0, 0xFA, 0x33};

} // namespace

TEST_SUITE("live") {
    TEST_CASE("a meter that opens the connection is asked over it, in RTU or with MBAP headers") {
        Dialled d;
        HeadEnd head;
        const TcpDialler rtu{d.loop, {"127.0.0.1", head.port()}, "m", d.rtu, impatient};
        auto socket = d.taken(head);
        REQUIRE(socket);
        CHECK(d.ask(*socket, rig::rtu(1, rig::request(3, 0, 2)), 9) == answer_of_two);
        CHECK(rtu.connected());
        CHECK(rtu.traffic().connections == 1);
        CHECK(d.rtu->traffic().requests == 1);

        const TcpDialler mbap{d.loop, {"localhost", head.port()}, "m", d.tcp, impatient};
        auto other = d.taken(head);
        REQUIRE(other);
        CHECK(rig::hex(d.ask(*other, rig::tcp(5, 9, rig::request(3, 0, 2)), 13)) ==
              "00 05 00 00 00 07 09 03 04 00 00 00 00");
        CHECK(d.said.text().empty());
    }

    TEST_CASE("it connects again after each end, and the log has once that the server is down") {
        Dialled d;
        auto head = std::make_optional<HeadEnd>();
        const auto port = head->port();
        const TcpDialler one{d.loop, {"127.0.0.1", port}, "one", d.rtu, impatient};
        const TcpDialler two{d.loop, {"127.0.0.1", port}, "two", d.rtu, impatient};
        auto a = d.taken(*head);
        auto b = d.taken(*head);
        head->close();
        a.reset();
        b.reset();
        head.reset();
        CHECK(run_until(d.loop, [&] { return d.said.count(" is down (") == 1; }));
        const auto until = Clock::now() + 500ms; // several attempts
        run_until(d.loop, [&] { return Clock::now() > until; });
        CHECK(d.said.count("\n") == 1);
        CHECK(d.said.count("Modbus-RTU server 127.0.0.1:" + std::to_string(port) +
                           " is down (Connection refused)") == 1);
        CHECK_FALSE(one.connected());
        head.emplace(port);
        a = d.taken(*head);
        b = d.taken(*head);
        REQUIRE((a && b));
        CHECK(d.ask(*a, rig::rtu(1, rig::request(3, 0, 2)), 9) == answer_of_two);
        CHECK(d.ask(*b, rig::rtu(1, rig::request(3, 0, 2)), 9) == answer_of_two);
        CHECK(d.said.count(" is there") == 1);
        CHECK(d.said.count("\n") == 2);
    }

    TEST_CASE("the pause doubles, and a server that closes at once is told") {
        Dialled d;
        HeadEnd head;
        const TcpDialler dialler{d.loop, {"127.0.0.1", head.port()}, "m", d.rtu, impatient};
        std::vector<Clock::time_point> came;
        REQUIRE(run_until(d.loop, [&] {
            if (head.take()) // and closes
                came.push_back(Clock::now());
            return came.size() == 7;
        }));
        // 20, 40, 80 and then 160 ms each, and up to a quarter more
        CHECK(came[2] - came[1] >= 40ms);
        CHECK(came[5] - came[4] >= 160ms);
        CHECK(came[6] - came[5] >= 160ms);
        CHECK(d.said.count("closes them at once") == 1);
        CHECK(d.said.count("\n") == 1);
    }

    TEST_CASE("an attempt that nobody answers ends, and a name without address is told") {
        Dialled d;
        SilentPort full{0}; // whose queue is full: a SYN is dropped
        asio::io_context own;
        std::vector<tcp::socket> before;
        for (int n = 0; n < 3; ++n) {
            before.emplace_back(own).async_connect(
                {asio::ip::address_v4::loopback(), full.number()}, [](auto) {});
            own.poll();
        }
        const TcpDialler one{d.loop, {"127.0.0.1", full.number()}, "m", d.rtu, impatient};
        CHECK(run_until(d.loop, [&] { return d.said.count("it does not answer") == 1; }));
        const TcpDialler two{d.loop, {"no.such.host.invalid", 1}, "m", d.rtu, impatient};
        CHECK(
            run_until(d.loop, [&] { return d.said.count("no.such.host.invalid:1 is down") == 1; }));
    }

    TEST_CASE("closing it closes the connection, also while it tries") {
        Dialled d;
        HeadEnd head;
        auto dialler = std::make_unique<TcpDialler>(d.loop, Endpoint{"127.0.0.1", head.port()}, "m",
                                                    d.rtu, impatient);
        auto socket = d.taken(head);
        REQUIRE(socket);
        dialler = std::make_unique<TcpDialler>(d.loop, Endpoint{"127.0.0.1", free_port()}, "m",
                                               d.rtu, impatient);
        std::array<char, 1> byte{};
        boost::system::error_code end;
        CHECK(run_until(d.loop, [&] {
            socket->read_some(asio::buffer(byte), end);
            return end == asio::error::eof;
        }));
        dialler.reset();
        const auto until = Clock::now() + 300ms;
        run_until(d.loop, [&] { return Clock::now() > until; });
        CHECK_FALSE(head.take().has_value());
    }

    TEST_CASE("RTU over TCP: two clients on one line, and one that goes before its answer") {
        Dialled d;
        const TcpListener listener{d.loop, {"127.0.0.1", 0}, d.rtu};
        const auto open = [&] {
            tcp::socket socket{d.loop};
            socket.connect({asio::ip::address_v4::loopback(), listener.endpoint().port});
            socket.non_blocking(true);
            return socket;
        };
        auto one = open();
        auto two = open();
        CHECK(d.ask(one, rig::rtu(1, rig::request(3, 0, 2)), 9) == answer_of_two);
        CHECK(d.ask(two, rig::rtu(1, rig::request(3, 0, 2)), 9) == answer_of_two);
        {
            auto gone = open();
            asio::write(gone, asio::buffer(rig::rtu(1, rig::request(6, 3, 77))));
        }
        CHECK(run_until(
            d.loop, [&] { return d.rtu->traffic().requests == 3; }));
        CHECK(run_until(d.loop, [&] { return listener.connections() == 2; })); // its answer is over
        CHECK(rig::hex(d.ask(one, rig::rtu(1, rig::request(3, 3, 1)), 7))
                  .starts_with("01 03 02 00 4D"));
        CHECK(d.said.text().empty());
    }
}
