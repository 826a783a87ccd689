#include "farms.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

TEST_SUITE("unit") {

    TEST_CASE("a farm's MQTT clients have ids of a pattern that tells them apart") {
        const std::string rest = "[supply.s]\n[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n";
        const auto with = [&](const std::string& id) {
            return "farm.mqtt_client_id = \"" + id + "\"\n" + rest;
        };
        CHECK(parse_farm(rest, "f.toml", test::types()).mqtt.client_id == "{serial}");
        CHECK(parse_farm(with("east-{serial}"), "f.toml", test::types()).mqtt.client_id ==
              "east-{serial}");
        CHECK(test::mistakes_of(with("east"))
                  .find("f.toml:1:23: \"east\" gives every client the same id; put {serial} into "
                        "it") != std::string::npos);
        CHECK(test::mistakes_of(with("{serial}" + std::string(200, 'x')))
                  .find("write one of up to 200") != std::string::npos);
    }
}
