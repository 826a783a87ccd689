#include "servers/mqtt/embedded_broker.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "tests/servers/test_mqtt_support.hpp"

#include <array>
#include <doctest/doctest.h>

#include <algorithm>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

bool close_and_run(EventLoop& loop, MqttFleet& fleet) {
    bool done = false;
    fleet.close([&] { done = true; });
    return run_until(loop, [&] { return done; });
}

} // namespace

TEST_SUITE("live") {
    TEST_CASE("what fifty clients publish reaches a subscriber whole and in each client's order") {
        for (const int qos : {0, 1}) {
            CAPTURE(qos);
            EmbeddedBroker broker;
            Subscriber subscriber{broker.endpoint().port, qos};
            EventLoop loop;
            MqttOptions options;
            options.qos = qos;
            MqttFleet fleet{loop, options};
            for (int i = 0; i < 50; ++i)
                CHECK(fleet.add("meter-" + std::to_string(i), at(broker.endpoint().port)) ==
                      static_cast<std::size_t>(i));
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 50; }));

            std::vector<std::string> expected;
            for (int n = 0; n < 40; ++n) {
                expected.push_back(std::to_string(n) + std::string(1500, 'x'));
                for (std::size_t i = 0; i < 50; ++i)
                    fleet.publish(i, "T/" + std::to_string(i), expected.back());
            }
            REQUIRE(run_until(
                loop, [&] { return subscriber.received() == 2000; }));
            REQUIRE(run_until(loop, [&] { return fleet.traffic().published == 2000; }));
            CHECK(fleet.traffic().dropped == 0);
            CHECK(fleet.traffic().connections == 50);
            const auto messages = subscriber.messages();
            REQUIRE(messages.size() == 50);
            for (const auto& entry : messages)
                CHECK_MESSAGE(entry.second == expected, entry.first);
        }
    }

    TEST_CASE("whoever listens hears of every client that comes up and of every one that is lost") {
        std::optional<EmbeddedBroker> broker{std::in_place};
        EventLoop loop;
        MqttFleet fleet{loop, hasty()};
        std::array<int, 3> ups{};
        std::array<int, 3> downs{};
        fleet.on_change([&](std::size_t client, bool connected) {
            ++(connected ? ups : downs).at(client);
            CHECK(ups.at(client) - downs.at(client) == (connected ? 1 : 0));
        });
        for (const char* const id : {"a", "b", "c"})
            fleet.add(id, at(broker->endpoint().port));
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 3; }));
        CHECK(ups == std::array{1, 1, 1});
        CHECK(downs == std::array{0, 0, 0});
        broker.reset();
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 0; }));
        CHECK(downs == std::array{1, 1, 1});
        REQUIRE(close_and_run(loop, fleet)); // not up: no news
        CHECK(downs == std::array{1, 1, 1});
    }

    TEST_CASE("a retained message waits for a subscriber, and an unretained one does not") {
        EmbeddedBroker broker;
        for (const bool retain : {false, true}) {
            EventLoop loop;
            MqttFleet fleet{loop};
            fleet.add("m", at(broker.endpoint().port));
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 1; }));
            fleet.publish(0, retain ? "kept" : "lost", "1", retain);
            REQUIRE(close_and_run(loop, fleet));
        }
        Subscriber late{broker.endpoint().port};
        REQUIRE(wait_until([&] { return late.received() > 0; }));
        CHECK(late.retained() == 1);
        CHECK(late.messages().count("kept") == 1);
        CHECK(late.messages().count("lost") == 0);
    }

    TEST_CASE("a broker that goes and comes back is reported once each, and nothing leaks") {
        Said said;
        const unsigned short port = free_port();
        EventLoop loop;
        MqttFleet fleet{loop, hasty()};
        for (int i = 0; i < 20; ++i)
            fleet.add("meter-" + std::to_string(i), at(port));
        REQUIRE(run_until(loop, [&] { return said.count("is down") == 1 && !fleet.coming(); }));

        std::uint64_t given = 0;
        const auto publish = [&] {
            for (std::size_t i = 0; i < 20; ++i, ++given)
                fleet.publish(i, "T", "x");
        };
        publish();
        CHECK(fleet.traffic().dropped == 20);

        std::map<std::string, int> first;
        for (int round = 1; round <= 5; ++round) {
            CAPTURE(round);
            Mosquitto broker{port};
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 20; }));
            if (round == 1)
                first = descriptors();
            CHECK(descriptors() == first);
            CHECK(said.count(std::to_string(port) + " is back") == static_cast<std::size_t>(round));
            publish();
            broker.end(SIGKILL);
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 0; }));
            publish();
            // Long enough for every client to have tried again in vain more than once.
            const auto later = Clock::now() + 600ms;
            run_until(loop, [&] { return Clock::now() >= later; });
            CHECK(said.count("is down") == static_cast<std::size_t>(round) + 1);
        }
        CHECK(first["socket"] == 20);
        CHECK(said.count("127.0.0.1:" + std::to_string(port)) == 11);
        CHECK(fleet.traffic().connections == 100);
        CHECK(fleet.traffic().dropped >= 120);
        CHECK(fleet.traffic().published + fleet.traffic().dropped == given);
        REQUIRE(close_and_run(loop, fleet));
        CHECK(descriptors()["socket"] == 0);
    }

    TEST_CASE("brokers that refuse, stay silent or lose the SYN hold up no client of another") {
        Said said;
        EmbeddedBroker good;
        SilentPort silent{128}; // accepts TCP, never answers CONNECT
        SilentPort full{0};     // its listen queue is full after one: connects hang
        SilentPort closed;      // refuses
        EventLoop loop;
        MqttFleet fleet{loop, hasty()};
        // More than there are handshakes at a time, and ahead of the good ones.
        for (int i = 0; i < 80; ++i) {
            fleet.add("s" + std::to_string(i), at(silent.number()));
            fleet.add("f" + std::to_string(i), at(full.number()));
            fleet.add("c" + std::to_string(i), at(closed.number()));
        }
        std::vector<std::size_t> clients;
        clients.reserve(80);
        for (int i = 0; i < 80; ++i)
            clients.push_back(fleet.add("g" + std::to_string(i), at(good.endpoint().port)));

        // A connect() that waited would hold the loop for a second at each of the 80 lost SYNs.
        REQUIRE(run_until(
            loop, [&] { return fleet.connected() == 80; }, 20s));
        for (int n = 0; n < 10; ++n)
            for (const auto client : clients)
                fleet.publish(client, "T", "x");
        CHECK(fleet.traffic().published == 800);
        // Given up and tried again: more connections than clients.
        REQUIRE(run_until(loop, [&] { return silent.taken() > 160; }));
        CAPTURE(said.text());
        CHECK(said.count("is down") == 3);
        CHECK(said.count(std::to_string(closed.number()) + " is down (Connection refused)") == 1);
        CHECK(said.count(std::to_string(silent.number()) + " is down (it does not answer)") == 1);

        // And one of them turns into a broker.
        const unsigned short port = silent.number();
        silent.close();
        Mosquitto late{port};
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 160; }));
        CHECK(said.count(std::to_string(port) + " is back") == 1);
    }

    TEST_CASE("a client that its broker keeps turning away is named once") {
        Said said;
        EmbeddedBroker broker;
        EventLoop loop;
        MqttFleet fleet{loop, hasty(0, 5s)}; // a slow machine is no broker that is down
        fleet.add("steady", at(broker.endpoint().port));
        // One id twice: each takes the connection over from the other.
        fleet.add("twin", at(broker.endpoint().port));
        fleet.add("twin", at(broker.endpoint().port));
        REQUIRE(
            run_until(loop, [&] { return said.count("accepts client twin and lets go") == 1; }));
        const auto connections = fleet.traffic().connections;
        CHECK(run_until(loop, [&] { return fleet.traffic().connections > connections + 4; }));
        CHECK(said.count("client twin") == 1);
        CHECK(said.count("steady") == 0);
        CHECK(said.count("is down") == 0);
    }

    TEST_CASE("two farms with the same ids on one broker are told why they throw each other off") {
        Said said;
        EmbeddedBroker broker;
        EventLoop loop;
        MqttFleet east{loop, hasty(0, 5s)};
        MqttFleet west{loop, hasty(0, 5s)};
        for (int i = 0; i < 10; ++i) {
            east.add("meter-" + std::to_string(i), at(broker.endpoint().port));
            west.add("meter-" + std::to_string(i), at(broker.endpoint().port));
        }
        REQUIRE(run_until(loop, [&] { return said.count("most likely another client") == 2; }));
        const auto later = Clock::now() + 500ms;
        run_until(loop, [&] { return Clock::now() >= later; });
        CHECK(said.count("most likely another client has the same id") == 2); // once a farm
        CHECK(said.count("mqtt_client_id = \"east-{serial}\"") == 2);
        CHECK(said.count("is down") == 0);
    }

    TEST_CASE("a broker that is full turns a client away, and is asked about that once") {
        Said said;
        const unsigned short port = free_port();
        Mosquitto broker{port, "allow_anonymous true\nmax_connections 2\n"};
        EventLoop loop;
        MqttFleet fleet{loop, hasty(0, 5s)};
        fleet.add("a", at(port));
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 1; }));
        for (const char* const id : {"b", "c", "d"})
            fleet.add(id, at(port));
        REQUIRE(run_until(loop, [&] { return said.count("while it serves others") == 1; }));
        const auto later = Clock::now() + 500ms;
        run_until(loop, [&] { return Clock::now() >= later; });
        CAPTURE(said.text());
        CHECK(said.count("is it full?") == 1);
        CHECK(said.count("same id") == 0);
        CHECK(said.count("is down") == 0);
    }

    TEST_CASE("a name is looked up, each of its addresses tried, and an unknown one reported") {
        Said said;
        const unsigned short port = free_port();
        Mosquitto broker{port}; // on 127.0.0.1 only; localhost may be ::1 first
        EventLoop loop;
        MqttFleet fleet{loop, hasty()};
        fleet.add("m", {"localhost", port, "", ""});
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 1; }));
        CHECK(said.text().empty());
        fleet.add("n", {"no-such-host.invalid", port, "", ""});
        CHECK(run_until(loop, [&] {
            return said.count("MQTT broker no-such-host.invalid:" + std::to_string(port) +
                              " is down") == 1;
        }));
    }

    TEST_CASE("a refused account is reported once with the cure, without its password") {
        Said said;
        char folder[] = "/tmp/kpmsim-test-XXXXXX";
        const std::string accounts = std::string{::mkdtemp(folder)} + "/accounts";
        REQUIRE(std::system(("touch " + accounts + "; chmod 600 " + accounts +
                             "; mosquitto_passwd -b " + accounts + " plant sword@fish 2>/dev/null")
                                .c_str()) == 0);
        const unsigned short port = free_port();
        Mosquitto broker{port, "allow_anonymous false\npassword_file " + accounts + "\n"};
        EventLoop loop;
        MqttFleet fleet{loop, hasty(0, 5s)};
        const auto url = [&](const std::string& user) {
            Fault fault;
            return parse_mqtt_url("mqtt://" + user + "127.0.0.1:" + std::to_string(port), fault)
                .value();
        };
        for (int i = 0; i < 5; ++i) {
            fleet.add("right-" + std::to_string(i), url("plant:sword%40fish@"));
            fleet.add("wrong-" + std::to_string(i), url("plant2:swordfish@"));
            fleet.add("none-" + std::to_string(i), url(""));
        }
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 5; }));
        const auto later = Clock::now() + 700ms; // three attempts of each
        run_until(loop, [&] { return Clock::now() >= later; });
        CHECK(fleet.connected() == 5);
        CHECK(said.count("refuses account \"plant2\"") == 1);
        CHECK(said.count("refuses clients without an account") == 1);
        CHECK(said.count("mqtt://account:password@127.0.0.1:" + std::to_string(port)) == 2);
        CHECK(said.count("is down") == 0);
        CHECK(said.count("fish") == 0);
        std::filesystem::remove_all(folder);
    }

    TEST_CASE("a broker that stops reading costs a bounded queue, then messages are dropped") {
        const unsigned short port = free_port();
        Mosquitto broker{port};
        Subscriber subscriber{port};
        EventLoop loop;
        MqttFleet fleet{loop};
        fleet.add("m", at(port));
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 1; }));
        broker.signal(SIGSTOP);
        std::uint64_t given = 0;
        const std::string payload(1500, 'x');
        while (fleet.traffic().dropped < 1000 && given < 100'000) {
            fleet.publish(0, "T", payload);
            ++given;
        }
        // What is neither taken by the socket nor dropped is queued here: 256 KiB at most.
        const auto queued = given - fleet.traffic().published - fleet.traffic().dropped;
        CHECK(fleet.traffic().dropped == 1000);
        CHECK(queued > 100);
        CHECK(queued * payload.size() <= 256 * 1024);
        broker.signal(SIGCONT);
        CHECK(run_until(
            loop, [&] { return fleet.traffic().published + fleet.traffic().dropped == given; }));
        CHECK(fleet.traffic().dropped == 1000);
        CHECK(run_until(loop, [&] { return subscriber.received() == given - 1000; }));
    }

    TEST_CASE("clients for which no descriptors are left wait, are counted and reported once") {
        Said said;
        EmbeddedBroker broker;
        EventLoop loop;
        MqttFleet fleet{loop, hasty(0, 5s)};
        rlimit before{};
        ::getrlimit(RLIMIT_NOFILE, &before);
        // Just ten are free, wherever those lie that were inherited: ten clients.
        std::array<int, 10> vacant{};
        for (int& fd : vacant)
            fd = ::open("/dev/null", O_RDONLY);
        rlimit tight = before;
        tight.rlim_cur = static_cast<rlim_t>(vacant.back()) + 1;
        for (const int fd : vacant)
            ::close(fd);
        ::setrlimit(RLIMIT_NOFILE, &tight);
        for (int i = 0; i < 20; ++i)
            fleet.add("m" + std::to_string(i), at(broker.endpoint().port));
        const bool most = run_until(loop, [&] { return fleet.connected() >= 10; });
        const auto later = Clock::now() + 500ms;
        run_until(loop, [&] { return Clock::now() >= later; });
        ::setrlimit(RLIMIT_NOFILE, &before);
        CHECK(most);
        // The broker's start may still give a descriptor or two back: room for an eleventh.
        CHECK(fleet.connected() <= 11);
        CHECK(fleet.traffic().refused > 9);
        CHECK(said.count("ulimit -n") == 1);
        CHECK(said.count("is down") == 0);
        CHECK(run_until(loop, [&] { return fleet.connected() == 20; }));
    }

    TEST_CASE("closing delivers what was published and tells the broker goodbye") {
        EmbeddedBroker broker;
        Subscriber subscriber{broker.endpoint().port, 1};
        EventLoop loop;
        MqttOptions options;
        options.qos = 1;
        MqttFleet fleet{loop, options};
        for (int i = 0; i < 10; ++i)
            fleet.add("m" + std::to_string(i), at(broker.endpoint().port));
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 10; }));
        for (int n = 0; n < 100; ++n) // five times as many as may be in flight
            for (std::size_t i = 0; i < 10; ++i)
                fleet.publish(i, "T", "x");
        REQUIRE(close_and_run(loop, fleet));
        CHECK(fleet.connected() == 0);
        CHECK(fleet.traffic().published == 1000);
        CHECK(fleet.traffic().dropped == 0);
        CHECK(wait_until([&] { return subscriber.received() == 1000; }));
        fleet.publish(0, "T", "too late");
        CHECK(fleet.traffic().dropped == 1);
        loop.restart();
        loop.run(); // nothing is left to do: it returns
    }

    TEST_CASE("closing takes less than a second, whatever the broker does") {
        Said said;
        const unsigned short port = free_port();
        Mosquitto broker{port};
        SilentPort silent{8};
        EventLoop loop;
        MqttOptions options;
        options.qos = 1;
        MqttFleet fleet{loop, options};
        fleet.add("m", at(port));
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 1; }));
        fleet.add("shaking", at(silent.number()));
        fleet.add("waiting", at(free_port()));
        broker.signal(SIGSTOP);
        for (int i = 0; i < 10; ++i)
            fleet.publish(0, "T", "x");
        const auto begin = Clock::now();
        REQUIRE(close_and_run(loop, fleet));
        CHECK(Clock::now() - begin < 1s);
        CHECK(fleet.traffic().published == 0);
        CHECK(fleet.traffic().dropped == 10); // nobody acknowledged them
        broker.signal(SIGCONT);
    }

    TEST_CASE("a fleet may go at any moment") {
        EmbeddedBroker broker;
        for (int moment = 0; moment < 3; ++moment) {
            EventLoop loop;
            bool done = false;
            {
                MqttFleet fleet{loop, hasty()};
                for (int i = 0; i < 100; ++i)
                    fleet.add("m" + std::to_string(i), at(broker.endpoint().port));
                fleet.add("nobody", {"localhost", free_port(), "", ""});
                if (moment > 0)
                    run_until(loop, [&] { return fleet.connected() >= 50; });
                fleet.publish(0, "T", "x");
                if (moment > 1)
                    fleet.close([&] { done = true; });
            }
            loop.restart();
            loop.run();
            CHECK(done == (moment > 1));
        }
    }
}
