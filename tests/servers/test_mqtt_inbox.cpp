#include "servers/mqtt/embedded_broker.hpp"
#include "servers/mqtt/mqtt_fleet.hpp"
#include "tests/servers/test_mqtt_support.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

/// A meter that answers each command on its topic.
struct Heard {
    std::vector<MqttMessage> messages;
    MqttInbox inbox(std::vector<std::string> topics) {
        return {std::move(topics),
                [this](const MqttMessage& message) { messages.push_back(message); }};
    }
};

} // namespace

TEST_SUITE("live") {
    TEST_CASE("a message reaches the meters that listen to its topic, whole and in order") {
        for (const int qos : {0, 1, 2}) {
            CAPTURE(qos);
            EmbeddedBroker broker;
            EventLoop loop;
            MqttFleet fleet{loop, hasty(qos, 2s)};
            Heard one, two;
            const auto port = broker.endpoint().port;
            fleet.add("one", at(port), one.inbox({"cmd/one", "cmd/all/#"}));
            fleet.add("two", at(port), two.inbox({"cmd/two", "cmd/all/#"}));
            const std::size_t sender = fleet.add("sender", at(port));
            REQUIRE(run_until(loop, [&] { return fleet.connected() == 3; }));
            // A subscription is there when its client has heard of it.
            REQUIRE(run_until(loop, [&] {
                fleet.publish(sender, "cmd/all/ready", "");
                return !one.messages.empty() && !two.messages.empty();
            }));
            fleet.publish(sender, "cmd/all/go", "");
            const auto goes = [](const Heard& heard) {
                return heard.messages.back().topic == "cmd/all/go";
            };
            REQUIRE(run_until(loop, [&] { return goes(one) && goes(two); }));
            one.messages.clear();
            two.messages.clear();
            const std::string whole{"with\0a zero, and \xE4", 18};
            for (int n = 0; n < 20; ++n) {
                fleet.publish(sender, "cmd/one", whole + std::to_string(n));
                fleet.publish(sender, "cmd/elsewhere", "?");
            }
            fleet.publish(sender, "cmd/all/x", "y");
            REQUIRE(run_until(
                loop, [&] { return one.messages.size() == 21 && two.messages.size() == 1; }));
            for (std::size_t n = 0; n < 20; ++n) {
                CHECK(one.messages[n].topic == "cmd/one");
                CHECK(one.messages[n].payload == whole + std::to_string(n));
            }
            CHECK(two.messages[0].topic == "cmd/all/x");
        }
    }

    TEST_CASE("a meter answers a command from where it takes it") {
        EmbeddedBroker broker;
        EventLoop loop;
        MqttFleet fleet{loop, hasty(1, 2s)};
        const auto port = broker.endpoint().port;
        std::size_t meter = 0;
        meter = fleet.add("meter", at(port), {{"cmd"}, [&](const MqttMessage& m) {
                                                  fleet.publish(meter, "answer", m.payload + "!");
                                              }});
        Heard answers;
        const auto master = fleet.add("master", at(port), answers.inbox({"answer"}));
        REQUIRE(run_until(loop, [&] {
            fleet.publish(master, "cmd", "open");
            return !answers.messages.empty();
        }));
        CHECK(answers.messages[0].payload == "open!");
    }

    TEST_CASE("topics are asked for again on each connection") {
        const auto port = free_port();
        auto broker = std::make_unique<Mosquitto>(port, "allow_anonymous true\n");
        Said said;
        EventLoop loop;
        MqttFleet fleet{loop, hasty(1, 2s)};
        Heard heard;
        fleet.add("meter", at(port), heard.inbox({"cmd"}));
        const auto sender = fleet.add("sender", at(port));
        const auto hears = [&] {
            fleet.publish(sender, "cmd", "now");
            return !heard.messages.empty();
        };
        REQUIRE(run_until(loop, hears));
        broker.reset();
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 0; }));
        heard.messages.clear();
        broker = std::make_unique<Mosquitto>(port, "allow_anonymous true\n");
        CHECK(run_until(loop, hears));
    }
}
