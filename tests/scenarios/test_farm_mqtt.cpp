// What a farm file says of the meters' MQTT clients.
#include "farms.hpp"
#include "folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace kpmsim;
using test::mistakes_of;

namespace {

std::string farm(const std::string& keys,
                 const std::string& meters = "[[meter]]\nname = \"a{n}\"\nmodel = \"kpm33b\"\n"
                                             "count = 2\nmqtt = true\n") {
    return "[farm]\n" + keys + "\n[supply.s]\n" + meters;
}

std::vector<std::string> ids_of(const std::string& text) {
    std::vector<std::string> ids;
    for (const MeterPlan& meter : parse_farm(text, "f.toml", test::types()).meters)
        if (meter.mqtt)
            ids.push_back(meter.client_id);
    return ids;
}

constexpr const char* id_cure =
    "; write \"east-{serial}\"; there are {serial} and {name} of the meter, and {n}";

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a client id is the meter's serial number, or what the pattern makes of it") {
        CHECK(ids_of(farm("")) == std::vector<std::string>{"33B1226150001", "33B1226150002"});
        CHECK(ids_of(farm("mqtt_client_id = \"east-{serial}-{n}\"")) ==
              std::vector<std::string>{"east-33B1226150001-0", "east-33B1226150002-1"});
        const std::string kpm312 = "[[meter]]\nname = \"four\"\nmodel = \"kpm312\"\nmqtt = true\n"
                                   "[[meter]]\nname = \"none\"\nmodel = \"kpm53\"\n";
        // one radio, one client, whatever its circuits
        CHECK(ids_of(farm("mqtt_client_id = \"{name}\"", kpm312)) ==
              std::vector<std::string>{"four"});
    }

    TEST_CASE("client ids that would throw each other off are told at the pattern") {
        CHECK(mistakes_of(farm("mqtt_client_id = \"east\"")) ==
              std::string{"f.toml:2:18: mqtt_client_id \"east\" makes \"east\" the id of a0 and of "
                          "a1"} +
                  id_cure);
        // on two brokers they may be equal
        CHECK(ids_of(farm("mqtt_client_id = \"x{n}\"",
                          "[[meter]]\nname = \"a\"\nmodel = \"kpm33b\"\nmqtt = \"embedded\"\n"
                          "[[meter]]\nname = \"b\"\nmodel = \"kpm33b\"\n"
                          "mqtt = \"mqtt://127.0.0.1\"\n")) ==
              std::vector<std::string>{"x0", "x0"});
    }

    TEST_CASE("a pattern that makes no client id is told what it may have in it") {
        CHECK(mistakes_of(farm("mqtt_client_id = \"{site}\"")) ==
              std::string{"f.toml:2:18: mqtt_client_id \"{site}\" cannot be followed at \"site\""} +
                  id_cure);
        CHECK(mistakes_of(farm("mqtt_client_id = \"\"")) ==
              std::string{"f.toml:2:18: mqtt_client_id \"\" makes no id of 1 to 256 characters on "
                          "one line of a0"} +
                  id_cure);
        CHECK(mistakes_of(farm("mqtt_client_id = 7"))
                  .starts_with("f.toml:2:18: mqtt_client_id is 7"));
    }

    TEST_CASE("the maintenance platform is a broker of the file, or none") {
        const auto of = [](const std::string& keys) {
            return parse_farm(farm(keys), "f.toml", test::types()).mqtt.maintenance;
        };
        CHECK_FALSE(of(""));
        CHECK(of("mqtt_maintenance = \"embedded\"")->embedded);
        CHECK(of("mqtt_maintenance = \"mqtt://a:b@127.0.0.1:1884\"")->at.port == 1884);
        CHECK(mistakes_of(farm("mqtt_maintenance = \"platform\"")) ==
              "f.toml:2:20: mqtt_maintenance is no URL; write \"embedded\" or "
              "\"mqtt://127.0.0.1:1883\"");
    }

    TEST_CASE("uploads are spread by up to an hour, and not unless it is written") {
        const auto jitter = [](const std::string& keys) {
            return parse_farm(farm(keys), "f.toml", test::types()).mqtt.jitter;
        };
        CHECK(jitter("") == SimDuration{0});
        CHECK(jitter("mqtt_jitter = \"2.5 s\"") == std::chrono::milliseconds{2500});
        CHECK(jitter("mqtt_jitter = \"1 h\"") == std::chrono::hours{1});
        for (const char* const wrong : {"61 min", "-1 s"})
            CHECK(mistakes_of(farm(std::string{"mqtt_jitter = \""} + wrong + '"'))
                      .starts_with("f.toml:2:15: mqtt_jitter"));
    }

    TEST_CASE("files for TLS must be there, and a key has a certificate") {
        const test::Folder folder;
        for (const char* const name : {"ca.pem", "client.pem", "client.key"})
            std::ofstream{folder / name} << "whatever\n";
        const std::string text =
            farm("broker = \"mqtts://broker.example\"\nmqtt_ca = \"ca.pem\"\n"
                 "mqtt_certificate = \"client.pem\"\nmqtt_key = \"client.key\"\n"
                 "mqtt_check_name = false\n");
        const std::string file = folder / "farm.toml";
        std::ofstream{file} << text;
        const FarmPlan plan = load_farm(file, test::types());
        CHECK(plan.mqtt.ca == folder / "ca.pem");
        CHECK(plan.mqtt.certificate == folder / "client.pem");
        CHECK(plan.mqtt.key == folder / "client.key");
        CHECK_FALSE(plan.mqtt.check_name);
        REQUIRE(plan.meters[0].mqtt);
        CHECK(plan.meters[0].mqtt->at.tls);
        CHECK(plan.meters[0].mqtt->at.port == 8883);

        CHECK(
            mistakes_of(farm("mqtt_ca = \"nowhere/ca.pem\"")) ==
            "f.toml:2:11: mqtt_ca \"nowhere/ca.pem\" is no file; write the path of a PEM file; it "
            "counts from the farm file's folder");
        CHECK(mistakes_of(farm("mqtt_key = \"/etc/passwd\"")) ==
              "f.toml:2:12: mqtt_key stands without the certificate that it belongs to; add "
              "mqtt_certificate = \"client.pem\"");
        // where there is no TLS they are remarked on
        CHECK(plan.remarks.empty());
        CHECK(parse_farm(farm("mqtt_check_name = false"), "f.toml", test::types()).remarks ==
              std::vector<std::string>{"f.toml: mqtt_ca, mqtt_certificate and mqtt_check_name have "
                                       "no effect: no broker is mqtts://"});
        // one file may hold both
        CHECK(parse_farm(farm("mqtt_certificate = \"/etc/passwd\""), "f.toml", test::types())
                  .mqtt.key == "/etc/passwd");
    }
}
