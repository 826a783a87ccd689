#include "servers/mqtt_fleet.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace kpmsim;

namespace {

std::string refusal(const std::string& url) {
    try {
        parse_mqtt_url(url);
    } catch (const CannotListen& e) {
        return e.what();
    }
    return "";
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a broker URL gives host, port, account and password") {
        const auto bare = parse_mqtt_url("mqtt://broker.plant.example");
        CHECK(bare.host == "broker.plant.example");
        CHECK(bare.port == 1883);
        CHECK(bare.account.empty());

        const auto full = parse_mqtt_url("MQTT://meter%40plant:p%3A%2F%40s%25@10.1.2.3:8883/");
        CHECK(full.host == "10.1.2.3");
        CHECK(full.port == 8883);
        CHECK(full.account == "meter@plant");
        CHECK(full.password == "p:/@s%");
        CHECK(to_text(full) == "10.1.2.3:8883");

        CHECK(parse_mqtt_url("mqtt://u:a:b@h").password == "a:b");
        CHECK(parse_mqtt_url("mqtt://u@h").password.empty());
        CHECK(parse_mqtt_url("mqtt://h:65535").port == 65535);
    }

    TEST_CASE("an IPv6 broker is written in brackets") {
        const auto v6 = parse_mqtt_url("mqtt://[fe80::1%25eth0]:1884");
        CHECK(v6.host == "fe80::1%25eth0");
        CHECK(to_text(parse_mqtt_url("mqtt://[::1]")) == "[::1]:1883");
        CHECK(refusal("mqtt://::1:1883").find("brackets") != std::string::npos);
        CHECK(refusal("mqtt://[::1").find(']') != std::string::npos);
        CHECK(refusal("mqtt://[::1]1883").find(":port") != std::string::npos);
    }

    TEST_CASE("a broker URL that is none is refused with what would be right") {
        const struct {
            const char* url;
            const char* says;
        } wrong[] = {
            {"127.0.0.1:1883", "mqtt:// in front"},
            {"mqtts://h", "TLS"},
            {"http://h:1883", "scheme"},
            {"mqtt://", "host is missing"},
            {"mqtt://:1883", "host is missing"},
            {"mqtt://h:0", "1 to 65535"},
            {"mqtt://h:65536", "1 to 65535"},
            {"mqtt://h:", "1 to 65535"},
            {"mqtt://h:1883x", "1 to 65535"},
            {"mqtt://h:-1", "1 to 65535"},
            {"mqtt://h/topic", "topics"},
            {"mqtt://h:1883?x=1", "topics"},
            {"mqtt://@h", "no account"},
            {"mqtt://:pw@h", "no account"},
            {"mqtt://a%zz@h", "hex digits"},
            {"mqtt://a:b%4@h", "hex digits"},
            {"mqtt://a%00@h", "zero byte"},
            {"mqtt://%ff@h", "UTF-8"},
            {"mqtt://two words", "neither a name nor an address"},
        };
        for (const auto& w : wrong) {
            CAPTURE(w.url);
            const std::string said = refusal(w.url);
            CHECK(said.find(w.says) != std::string::npos);
            CHECK(said.find("mqtt://host:port") != std::string::npos);
        }
    }

    TEST_CASE("a message about a broker URL never shows a password") {
        for (const char* url :
             {"http://account:zanderkipper@h", "mqtt://account:zanderkipper@h:port",
              "mqtt://account:zanderkipper@", "mqtt://account:zander/kipper@h",
              "mqtt://account:zander@kipper@h", "mqtt://account:zanderkipper",
              "mqtt://account:zanderkipper%@h", "account:zanderkipper@h",
              "mqtt://account:zanderkipper@h h", "mqtt://:zanderkipper@h"}) {
            CAPTURE(url);
            const std::string said = refusal(url);
            CHECK(!said.empty());
            CHECK(said.find("zander") == std::string::npos);
            CHECK(said.find("kipper") == std::string::npos);
        }
    }
}
