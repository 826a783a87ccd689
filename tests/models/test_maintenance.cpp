// A meter that is sent to the maintenance platform and hears from it where to go: V1.9, 5, as transcripts.
#include "fixture.hpp"

#include "models/engine/broker_setting.hpp"
#include "models/faces/mqtt_commands.hpp"

using namespace kpmsim;
using test::Bench;

namespace {

const std::string oprid = R"({"oprid":"0123456789abcdef0123456789abcdef"})";

std::string set_of(const std::string& info) { return R"({"info":")" + info + R"("})"; }

std::string answer(Bench& bench, const std::string& topic, const std::string& payload) {
    const CommandAnswer got = answer_command(bench.circuit(), topic, payload);
    if (got.messages.size() != 1)
        return "silence: " + got.remark;
    return got.messages[0].topic + ' ' + got.messages[0].payload +
           (got.remark.empty() ? "" : " (" + got.remark + ')');
}

const BrokerSetting& broker(Bench& bench) { return bench.meter.image().memory.broker; }

const std::string reconfig = "MQTT_RECONFIG_25950027";
const std::string set = "MQTT_SET_25950027";
const std::string ok = R"(MQTT_METER_REPLY {"code":"33B1225950027","status":"ok"})";
const std::string fail = R"(MQTT_METER_REPLY {"code":"33B1225950027","status":"fail"})";

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("A meter that is told to reconfigure itself answers, and then hears SET alone") {
        Bench bench{"kpm33b"};
        CHECK_FALSE(broker(bench).debug);
        CHECK(answer(bench, reconfig, R"({"oprid":"short"})").starts_with("silence: oprid"));
        CHECK_FALSE(broker(bench).debug);
        CHECK(
            answer(bench, reconfig, oprid) ==
            R"(MQTT_RECONFIG_REPLY {"id":"33B1225950027","oprid":"0123456789abcdef0123456789abcdef",)"
            R"("code":"01","msg":""})");
        CHECK(broker(bench).debug);
        CHECK(answer(bench, reconfig, oprid) == "silence: ");
        CHECK(answer(bench, "MQTT_SETTIME_25950027",
                     R"({"oprid":"0123456789abcdef0123456789abcdef","time":"20260301120000"})") ==
              "silence: ");
        const Upload request = config_request(bench.circuit());
        CHECK(request.topic == "MQTT_METER_REQ_CFG");
        CHECK(request.payload == R"({"code":"33B1225950027"})");
        CHECK(answer(bench, set, set_of("broker.example;1884;me;secret;;;;;")) == ok);
        CHECK_FALSE(broker(bench).debug);
        CHECK(broker(bench).info == "broker.example;1884;me;secret;;;;;");
        CHECK(bench.meter.take_commands().size() == 2); // for the metering side, and the journal
    }

    TEST_CASE("What the maintenance platform says is taken as a whole or not at all") {
        Bench bench{"kpm33b"};
        const auto tell = [&](const std::string& info) { return answer(bench, set, set_of(info)); };
        const std::string before = "10.0.0.7;1883;a;b;home;wpa;PEAP;user;pass";
        CHECK(tell(before) == ok);
        CHECK(tell("10.0.0.8;1883;a;b") == fail + " (info has 4 fields, and WiFi has 9)");
        CHECK(tell(";1883;a;b;;;;;") == fail + " (info names no server)");
        CHECK(tell("10.0.0.8;0;a;b;;;;;") == fail + " (info has no port from 1 to 65535)");
        CHECK(tell("10.0.0.8;x;a;b;;;;;") == fail + " (info has no port from 1 to 65535)");
        CHECK(tell("10.0.0.8;1883;a;b;;;WEP;;") ==
              fail + " (field 7 of info is none of TLS, PEAP, TTLS)");
        CHECK(tell("10.0.0.8;1883;a;" + std::string(33, 'p') + ";;;;;") ==
              fail + " (field 4 of info is longer than 32 characters)");
        CHECK(answer(bench, set, "{}") == "silence: info is no text");
        CHECK(answer(bench, set, "info") == "silence: the payload is no JSON object");
        CHECK(broker(bench).info == before);

        MeterSpec over_4g;
        over_4g.serial = "33B1125950028";
        Bench gsm{"kpm33b", over_4g};
        CHECK(answer(gsm, "MQTT_SET_25950028", set_of("10.0.0.8;1883;a;b")) ==
              R"(MQTT_METER_REPLY {"code":"33B1125950028","status":"ok"})");
        const auto info = read_broker_info(broker(gsm).info, false);
        REQUIRE(info);
        CHECK(info->host == "10.0.0.8");
        CHECK(read_broker_info("[::1];1883;a;b", false).value().host == "::1");
        CHECK(read_broker_info("::1;1883;a;b", false).value().host == "::1");
        CHECK(info->port == 1883);
        CHECK(info->account == "a");
        CHECK(info->password == "b");
    }

    TEST_CASE(
        "Over WiFi a network with any method of WPA2-Enterprise, or none, is taken and kept") {
        for (const char* const model : {"kpm312", "kpm37", "kpm33b"}) {
            CAPTURE(model);
            Bench bench{model};
            const std::string topic = command_topics(bench.circuit()).back();
            const auto tell = [&](const std::string& method) {
                const std::string info = "10.0.0.7;1883;a;b;home;wpa;" + method + ";user;pass";
                const bool ok = answer(bench, topic, set_of(info)).ends_with(R"("status":"ok"})");
                CHECK(ok == (broker(bench).info == info));
                return ok;
            };
            for (const char* const method : {"TLS", "PEAP", "TTLS", ""})
                CHECK_MESSAGE(tell(method), method);
            for (const char* const method : {"tls", "PSK", "PEAP2"})
                CHECK_MESSAGE(!tell(method), method);
        }
    }

    TEST_CASE("Each circuit of a KPM312 takes it for the one radio") {
        Bench bench{"kpm312"};
        const auto topics = command_topics(bench.circuit(2));
        CHECK(topics.back() == "MQTT_SET_259C0029");
        const CommandAnswer got =
            answer_command(bench.circuit(2), topics.back(), set_of("10.0.0.8;1883;;;;;;;"));
        REQUIRE(got.messages.size() == 1);
        CHECK(got.messages[0].payload ==
              R"({"code":")" + bench.circuit(2).serial() + R"(","status":"ok"})");
        CHECK(broker(bench).info == "10.0.0.8;1883;;;;;;;");
    }
}
