#include "own_model.hpp"

#include "models/faces/packets.hpp"

#include <nlohmann/json.hpp>

using namespace kpmsim;
using test::OwnMeter;
using test::OwnModel;

namespace {

OwnModel uploading(const std::string& mqtt, const std::string& tables = test::own_tables) {
    std::string keys = test::own_keys;
    keys.insert(
        keys.rfind(']'),
        "    { name = \"seconds\", role = \"upload.seconds\", title = \"Seconds\", factory = 30, "
        "least = 1, most = 3600 },\n"
        "    { name = \"minutes\", role = \"upload.minutes\", title = \"Minutes\", factory = 5, "
        "least = 1, most = 60 },\n");
    return OwnModel{keys + tables, test::own_map, mqtt};
}

const std::string message = R"(
source = "a test"
[[message]]
topic = "site/{serial}/{name}/{circuit}/{model}"
every = "realtime"
[message.payload]
id = "{serial}"
at = { time = "unix_ms" }
text = "{name} at {time}"
u = [{ point = "u_a", decimals = 1 }, { point = "u_b", decimals = 0 }]
power = { total = { point = "p", scale = 1000, decimals = 3, as_text = true }, unit = "kW", factor = { point = "pf" } }
sn = { point = "serial" }
"a \"key\"" = 3
good = true
ratio = 1.5
)";

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("A message has the shape, the topic and the time format of its model") {
        const OwnModel model = uploading(message);
        MeterSpec spec;
        OwnMeter own{model, spec};
        own.state.readings[Slot::u_a] = 230.05;
        own.state.readings[Slot::u_b] = 229.5;
        own.state.readings[Slot::p] = -1234.5;
        const auto sent = uploads(model.type().upload.realtime, own.meter.view(), 0,
                                  test::civil("2026-01-12T16:39:00"));
        REQUIRE(sent.size() == 1);
        CHECK(sent[0].topic == "site/00123456/own one/1/own");
        CHECK(sent[0].payload ==
              "{\"id\":\"00123456\",\"at\":1768235940000,\"text\":\"own one at "
              "2026-01-12T16:39:00\",\"u\":[230.1,230],\"power\":{\"total\":\"-1.234\",\"unit\":"
              "\"kW\",\"factor\":null},\"sn\":\"00123456\",\"a \\\"key\\\"\":3,\"good\":true,"
              "\"ratio\":1.5}");
        CHECK(nlohmann::json::accept(sent[0].payload));
        CHECK(model.type().upload.energy.empty());
        own.state.readings[Slot::s] = 2000;
        own.state.readings[Slot::pf] = -0.6;
        CHECK(uploads(model.type().upload.realtime, own.meter.view(), 0, {})[0].payload.find(
                  "\"factor\":-0.600}") != std::string::npos);
    }

    TEST_CASE("A name that no topic can have is made one, and any name is JSON") {
        const OwnModel model = uploading("source = \"a test\"\n[[message]]\ntopic = "
                                         "\"{name}\"\nevery = \"energy\"\n[message.payload]\nname "
                                         "= \"{name}\"\nat = { time = \"compact\" }\n");
        MeterSpec spec = OwnMeter::filled(model, {});
        spec.name = "a+b#\"\n\x80";
        const Meter meter{spec};
        const auto sent = uploads(model.type().upload.energy, meter.view(), 0,
                                  test::civil("2026-01-12T16:39:00"));
        CHECK(sent.at(0).topic == "a_b_\"\n\x80");
        CHECK(sent.at(0).payload ==
              "{\"name\":\"a+b#\\\"\\n\xEF\xBF\xBD\",\"at\":\"20260112163900\"}");
    }

    TEST_CASE("Packets of V1.9 and messages of one's own go out together") {
        const OwnModel model = uploading(R"(
source = "a test"
[realtime]
topic = "MQTT_RT_DATA"
packets = [["u"], ["f"]]
[fields]
u = "u_a"
f = "f"
[[message]]
topic = "own"
every = "realtime"
payload = { f = { point = "f", decimals = 0 } }
)");
        OwnMeter own{model};
        own.state.readings[Slot::f] = 50;
        const auto sent = uploads(model.type().upload.realtime, own.meter.view(), 0, {});
        REQUIRE(sent.size() == 3);
        CHECK(sent[0].topic == "MQTT_RT_DATA");
        CHECK(sent[1].payload.find("\"f\":50.000,") != std::string::npos);
        CHECK(sent[2].topic == "own");
        CHECK(sent[2].payload == "{\"f\":50}");
    }

    TEST_CASE("Uploads that cannot be are refused when they are loaded") {
        const std::string head = "source = \"a test\"\n";
        const auto one = [&](const std::string& keys, const std::string& payload) {
            return head + "[[message]]\n" + keys + "\n[message.payload]\n" + payload + "\n";
        };
        const std::string good = "topic = \"t\"\nevery = \"energy\"";
        const std::vector<std::pair<std::string, std::string>> cases{
            {one("topic = \"t\"", "a = 1"), "message lacks \"every\""},
            {one("every = \"energy\"", "a = 1"), "message lacks \"topic\""},
            {one("topic = \"t/#\"\nevery = \"energy\"", "a = 1"), "is no topic to publish to"},
            {one("topic = \"{serail}\"\nevery = \"energy\"", "a = 1"),
             "nothing is filled in for \"{serail}\"; known: {circuit}, {model}, {name}, {serial}"},
            {one("topic = \"{time}\"\nevery = \"energy\"", "a = 1"), "for \"{time}\""},
            {one(good, "a = \"{tim}\""), "for \"{tim}\""},
            {one(good, "a = \"{time\""), "nothing is filled in for"},
            {one(good, "a = { point = \"u_x\" }"), "no point \"u_x\""},
            {one(good, "a = { point = \"u_a\", digits = 2 }"), "unknown key \"digits\""},
            {one(good, "a = { time = \"unix_us\" }"), "known: iso, compact, unix, unix_ms"},
            {one(good, "a = { point = \"clear_energy\" }"), "\"clear_energy\" is not read"},
            {one(good, "a = nan"), "mqtt.toml:6:5: JSON has no nan; write a number"},
            {one(good, "a = [1, -inf]"), "JSON has no -inf"},
            {one(good, "a = { point = \"serial\", scale = 10 }"),
             "\"serial\" is a text; leave scale out"},
            {one("topic = \"t\"\nevery = \"change\"", "a = 1"),
             "nothing of this meter changes: it has no inputs and no relays"},
            {head + "[[message]]\n" + good + "\n", "message lacks \"payload\""},
            {head + "[[message]]\n" + good + "\npayload = 3\n", "payload is 3"},
            {head, "lacks \"message\""},
            {head + "[realtime]\ntopic = \"t\"\npackets = []\n", "lacks \"fields\""},
            {head + "[realtime]\ntopic = \"t\"\npackets = [[\"s\"]]\n[fields]\ns = \"serial\"\n",
             "field \"s\" is a text"},
        };
        for (const auto& [mqtt, says] : cases) {
            const OwnModel model = uploading(mqtt);
            CHECK_MESSAGE(model.says(says), mqtt << " gave: " << model.mistakes());
        }
        std::string nameless = test::own_tables;
        nameless.erase(nameless.find("[serial]"),
                       nameless.find("[voltage]") - nameless.find("[serial]"));
        CHECK(uploading(message, nameless).says("a meter without a serial number uploads nothing"));
        CHECK(OwnModel{test::own_keys + test::own_tables, test::own_map, message}.says(
            "uploads need a setting with the role upload.seconds"));
    }
}
