// A user's system that commands meters over MQTT, at moments of its own.
#include "modbus_rig.hpp"
#include "servers/client/mqtt_commander.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

SimTime at(SimDuration after) { return SimTime{} + after; }

constexpr const char* id = "3071223B00003";

MeterSpec kpm37() {
    MeterSpec spec;
    spec.name = "one";
    spec.type = &rig::builtin("kpm37");
    spec.serial = id;
    return spec;
}

std::string payload(const std::string& keys) {
    return R"({"oprid":"0123456789abcdef0123456789abcdef",)" + keys + '}';
}

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("a commander gives each command at its moment, and notes what comes back") {
        Meter meter{kpm37()};
        Circuit& circuit = meter.circuits()[0];
        const std::string sys_cfg = "MQTT_SYS_CFG_23B00003";
        const std::string write = payload(R"("addr":"0006","value":"7","type":"1")");
        MqttCommander commander{
            "platform",
            {{at(10s), &circuit, sys_cfg, write},
             {at(10s), &circuit, sys_cfg, payload(R"("addr":"0006","value":"999","type":"1")")},
             {at(20s), &circuit, sys_cfg, R"({"oprid":"short"})"}}};
        CHECK(commander.next_event() == at(10s));
        commander.advance(at(9s));
        CHECK(commander.log().empty());
        CHECK(circuit.get("demand_minutes", Access::wire)->number == 15);
        commander.advance(at(10s));
        CHECK(circuit.get("demand_minutes", Access::wire)->number == 7);
        const std::string answered =
            R"({"id":"3071223B00003","oprid":"0123456789abcdef0123456789abcdef","code":"0)";
        REQUIRE(commander.log().size() == 4);
        CHECK(commander.log()[0] ==
              ClientEntry{at(10s), ClientEvent::request, "one", 0, sys_cfg, 0, write});
        CHECK(commander.log()[1] == ClientEntry{at(10s), ClientEvent::answer, "one", 0,
                                                "MQTT_SYS_SET_REP", 0, answered + "1\"}"});
        CHECK(commander.log()[3] == ClientEntry{at(10s), ClientEvent::answer, "one", 0,
                                                "MQTT_SYS_SET_REP", 0, answered + "2\"}"});
        CHECK(commander.next_event() == at(20s));
        commander.advance(at(60s));
        REQUIRE(commander.log().size() == 6);
        CHECK(commander.log()[5].event == ClientEvent::failure);
        CHECK(commander.log()[5].text == "silence: oprid is no text of 32 characters");
        CHECK(commander.next_event() == SimTime::max());
    }
}
