// What a client is given that is just coming: sent once it is up, or dropped with its attempt.
#include "servers/mqtt/embedded_broker.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "tests/servers/test_mqtt_support.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

/// A client that has just been added, and who hears what it says.
struct HeardClient {
    EmbeddedBroker broker;
    Subscriber subscriber;
    EventLoop loop;
    MqttFleet fleet;
    std::size_t client;

    explicit HeardClient(int qos)
        : subscriber{broker.endpoint().port, qos}, fleet{loop, hasty(qos)},
          client{fleet.add("m", at(broker.endpoint().port))} {}
};

/// Messages that lack their sign.
std::size_t settled(EventLoop& loop, MqttFleet& fleet) {
    std::optional<std::size_t> missing;
    fleet.settle(
        10s, [&](std::size_t n) { missing = n; });
    REQUIRE(run_until(loop, [&] { return missing.has_value(); }));
    return *missing;
}

} // namespace

TEST_SUITE("live") {
    TEST_CASE("what a client is given while it comes, new or let go, reaches the broker in order") {
        for (const int qos : {0, 1}) {
            CAPTURE(qos);
            HeardClient on{qos};
            auto& [broker, subscriber, loop, fleet, client] = on;
            fleet.publish(client, "T", "1");
            fleet.publish(client, "T", "2");
            CHECK(fleet.traffic().dropped == 0);
            // Whoever waits for the brokers waits for these, too.
            CHECK(settled(loop, fleet) == 0);
            CHECK(fleet.traffic().published == 2);
            fleet.publish(client, "T", "3");

            fleet.hold(client, true);
            fleet.publish(client, "T", "lost");
            CHECK(fleet.traffic().dropped >= 1);
            const auto dropped = fleet.traffic().dropped; // qos 1: perhaps "3" with it
            fleet.hold(client, false);
            fleet.publish(client, "T", "4", true);
            CHECK(settled(loop, fleet) == 0);
            fleet.publish(client, "T", "5");
            CHECK(settled(loop, fleet) == 0);
            CHECK(fleet.traffic().dropped == dropped);
            REQUIRE(wait_until([&] {
                const auto messages = subscriber.messages();
                const auto found = messages.find("T");
                return found != messages.end() && found->second.back() == "5";
            }));
            std::vector<std::string> heard = subscriber.messages()["T"];
            std::erase(heard, "3");
            CHECK(heard == std::vector<std::string>{"1", "2", "4", "5"});
        }
    }

    TEST_CASE("a client that is left says what it was given, and goes without a word") {
        for (const int qos : {0, 1}) {
            CAPTURE(qos);
            HeardClient on{qos};
            auto& [broker, subscriber, loop, fleet, client] = on;
            const auto heard = [&](std::size_t messages) {
                REQUIRE(wait_until([&] { return subscriber.received() >= messages; }));
                return subscriber.messages()["T"];
            };
            // While it comes: it comes, says it, and goes.
            fleet.publish(client, "T", "1");
            fleet.leave(client);
            fleet.publish(client, "T", "nobody is there");
            CHECK(fleet.traffic().dropped == 1);
            CHECK(settled(loop, fleet) == 0);
            CHECK(fleet.traffic().published == 1);
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 0; }));
            CHECK(heard(1) == std::vector<std::string>{"1"});

            // Once it is up, with more than one packet of it on its way.
            fleet.hold(client, false);
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 1; }));
            for (int n = 2; n < 42; ++n)
                fleet.publish(client, "T", std::to_string(n));
            fleet.leave(client);
            fleet.publish(client, "T", "nobody is there");
            CHECK(settled(loop, fleet) == 0);
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 0; }));
            CHECK(fleet.traffic().published == 41);
            CHECK(fleet.traffic().dropped == 2);
            CHECK(heard(41).back() == "41");

            // Let go before it has gone: it goes all the same, and comes again.
            fleet.hold(client, false);
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 1; }));
            fleet.publish(client, "T", "before");
            fleet.leave(client);
            fleet.hold(client, false);
            fleet.publish(client, "T", "behind");
            CHECK(settled(loop, fleet) == 0);
            CHECK(fleet.traffic().connections == 4);
            CHECK(fleet.traffic().dropped == 2);
            const std::vector<std::string> all = heard(43);
            CHECK(all[41] == "before");
            CHECK(all[42] == "behind");

            // … and is left once more before it has gone: it comes for what it was given meanwhile.
            fleet.publish(client, "T", "one supply");
            fleet.leave(client);
            fleet.hold(client, false);
            fleet.publish(client, "T", "the next");
            fleet.leave(client);
            CHECK(settled(loop, fleet) == 0);
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 0; }));
            CHECK(heard(45).back() == "the next");
            CHECK(fleet.traffic().connections == 5);
            CHECK(fleet.traffic().dropped == 2);
        }
    }

    TEST_CASE("who is left with a broker that says nothing goes within a second") {
        Said said;
        const auto port = free_port();
        Mosquitto broker{port};
        EventLoop loop;
        MqttFleet fleet{loop, hasty()};
        const std::size_t client = fleet.add("m", at(port));
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 1; }));
        broker.signal(SIGSTOP);
        fleet.publish(client, "T", "1");
        fleet.leave(client);
        CHECK(fleet.connected() == 1);
        const auto since = Clock::now();
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 0; }));
        CHECK(Clock::now() - since >= 700ms);
        CHECK_FALSE(fleet.coming());
        // … and one that comes to nobody not at all.
        SilentPort silent{8};
        const std::size_t other = fleet.add("o", at(silent.number()));
        fleet.publish(other, "T", "2");
        fleet.leave(other);
        CHECK(fleet.coming());
        CHECK(settled(loop, fleet) == 1);
        CHECK(fleet.traffic().dropped == 1);
        CHECK_FALSE(fleet.coming());
    }

    TEST_CASE("what was kept goes with an attempt that fails, and is counted") {
        Said said;
        SilentPort silent{8}; // it takes the connection, and never answers
        EventLoop loop;
        MqttFleet fleet{loop, hasty()};
        const std::size_t client = fleet.add("m", at(silent.number()));
        fleet.publish(client, "T", "1");
        fleet.publish(client, "T", "2");
        CHECK(settled(loop, fleet) == 2);
        CHECK(fleet.traffic().dropped == 2);
        CHECK_FALSE(fleet.coming());
        fleet.publish(client, "T", "3"); // it only waits now
        CHECK(fleet.traffic().dropped == 3);
        CHECK(fleet.traffic().published == 0);

        // Held again before it has come, or removed: the same.
        EmbeddedBroker broker;
        for (const bool removed : {false, true}) {
            const auto before = fleet.traffic().dropped;
            const std::size_t other = fleet.add("o", at(broker.endpoint().port));
            fleet.publish(other, "T", "4");
            if (removed)
                fleet.remove(other);
            else
                fleet.hold(other, true);
            CHECK(fleet.traffic().dropped == before + 1);
        }
    }

    TEST_CASE("a client that comes keeps 64 KiB, and the rest is dropped and counted") {
        EmbeddedBroker broker;
        Subscriber subscriber{broker.endpoint().port};
        EventLoop loop;
        MqttFleet fleet{loop, hasty()};
        const std::size_t client = fleet.add("m", at(broker.endpoint().port));
        const std::string payload(1023, 'x'); // with its topic 1 KiB
        for (int n = 0; n < 70; ++n)
            fleet.publish(client, "T", payload);
        CHECK(fleet.traffic().dropped == 6);
        CHECK(settled(loop, fleet) == 0);
        CHECK(fleet.traffic().published == 64);
        CHECK(wait_until([&] { return subscriber.received() == 64; }));
    }
}
