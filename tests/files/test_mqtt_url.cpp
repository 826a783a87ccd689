#include "files/mqtt_url.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace kpmsim;

namespace {

std::string refusal(const std::string& url) {
    Fault fault;
    return parse_mqtt_url(url, fault) ? "" : fault.what + "; " + fault.cure;
}

MqttEndpoint read(const std::string& url) {
    Fault fault;
    const auto endpoint = parse_mqtt_url(url, fault);
    REQUIRE_MESSAGE(endpoint.has_value(), url, " ", fault.what);
    return *endpoint;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a broker URL gives host, port, account and password") {
        const auto bare = read("mqtt://broker.plant.example");
        CHECK(bare.host == "broker.plant.example");
        CHECK(bare.port == 1883);
        CHECK(bare.account.empty());
        CHECK_FALSE(bare.tls);

        const auto full = read("MQTT://meter%40plant:p%3A%2F%40s%25@10.1.2.3:8883/");
        CHECK(full.host == "10.1.2.3");
        CHECK(full.port == 8883);
        CHECK(full.account == "meter@plant");
        CHECK(full.password == "p:/@s%");
        CHECK(to_text(full) == "10.1.2.3:8883");

        CHECK(read("mqtt://u:a:b@h").password == "a:b");
        CHECK(read("mqtt://u@h").password.empty());
        CHECK(read("mqtt://u:100%25@h").password == "100%");
        CHECK(read("mqtt://K%C3%A4se@h").account == "K\xC3\xA4se");
        CHECK(read("mqtt://h:65535").port == 65535);
    }

    TEST_CASE("mqtts asks for TLS, at its own port unless another is given") {
        CHECK(read("mqtts://h").tls);
        CHECK(read("mqtts://h").port == 8883);
        CHECK(read("MQTTS://u:p@[::1]:1884").port == 1884);
    }

    TEST_CASE("an IPv6 broker is written in brackets") {
        const auto v6 = read("mqtt://[::1]:1884");
        CHECK(v6.host == "::1");
        CHECK(v6.port == 1884);
        CHECK(read("mqtt://[fe80::1%eth0]").host == "fe80::1%eth0");
        CHECK(read("mqtt://[fe80::1%25eth0]").host == "fe80::1%eth0");
        CHECK(to_text(read("mqtt://[0::1]")) == "[::1]:1883");
        for (const char* url : {"mqtt://::1:1883", "mqtt://::1", "mqtt://[::1", "mqtt://[::1]1883"})
            CHECK(refusal(url) == "has an IPv6 address that no brackets enclose; write it as "
                                  "mqtt://[::1]:1883");
    }

    TEST_CASE("a broker URL that is none is refused with what would be right") {
        const std::string example = "; write mqtt://127.0.0.1:1883, or "
                                    "mqtt://account:password@host:port";
        CHECK(refusal("127.0.0.1:1883") == "has no mqtt:// in front" + example);
        CHECK(refusal("http://h:1883") == "has another scheme than mqtt:// or mqtts://" + example);
        CHECK(refusal("ssl://h") ==
              "has another scheme than mqtt:// or mqtts://; write mqtts:// for TLS");
        for (const char* url : {"mqtt://", "mqtt://:1883", "mqtt://u@", "mqtt://u:p@:1883"})
            CHECK(refusal(url) == "has no host" + example);
        for (const char* url : {"mqtt://h:0", "mqtt://h:65536", "mqtt://h:", "mqtt://h:1883x",
                                "mqtt://h:-1", "mqtt://[::1]:"})
            CHECK(refusal(url) == "has a port that is no number from 1 to 65535" + example);
        for (const char* url : {"mqtt://h/topic", "mqtt://h:1883?x=1", "mqtt://h#f", "mqtt://h//"})
            CHECK(refusal(url) ==
                  "has something behind its host and port; leave it out: the topics are the "
                  "meters' own");
        for (const char* url : {"mqtt://two words", "mqtt://*:1883", "mqtt://300.1.1.1",
                                "mqtt://h%20", "mqtt://[h:1]"})
            CHECK(refusal(url) == "has a host that is neither a name nor an address" + example);
        for (const char* url : {"mqtt://@h", "mqtt://:pw@h"})
            CHECK(refusal(url) == "has no account before the @" + example);
    }

    TEST_CASE(
        "a sign that a URL has a use for is written by its number in an account or password") {
        CHECK(refusal("mqtt://acc:p@ss@h") ==
              "has a @ in its account or password; write the @ as %40");
        CHECK(refusal("mqtt://acc:p#s@h") ==
              "has a # in its account or password; write the # as %23");
        CHECK(refusal("mqtt://acc:p/s@h").ends_with("write the / as %2F"));
        CHECK(refusal("mqtt://acc:p?s@h").ends_with("write the ? as %3F"));
        CHECK(refusal("mqtt://a c@h") == "has a blank in its account or password; write the blank "
                                         "as %20");
        for (const char* url : {"mqtt://acc:100%@h", "mqtt://acc:b%4@h", "mqtt://acc:%zz@h"})
            CHECK(refusal(url) == "has a % in its password that no two hex digits follow; write a "
                                  "percent sign as %25");
        CHECK(refusal("mqtt://a%zz@h").starts_with("has a % in its account"));
        CHECK(refusal("mqtt://a%00@h") == "has a zero byte in its account; leave the %00 out");
        for (const char* url : {"mqtt://%ff@h", "mqtt://%01@h"})
            CHECK(refusal(url).starts_with("has an account that is not UTF-8, or with a control"));
    }

    TEST_CASE("a message about a broker URL never shows a password") {
        for (const char* url :
             {"http://account:zanderkipper@h", "mqtt://account:zanderkipper@h:port",
              "mqtt://account:zanderkipper@", "mqtt://account:zander/kipper@h",
              "mqtt://account:zander@kipper@h", "mqtt://account:zanderkipper",
              "mqtt://account:zanderkipper%@h", "account:zanderkipper@h",
              "mqtt://account:zanderkipper@h h", "mqtt://:zanderkipper@h",
              "mqtt://account:zander:kipper", "mqtt://[account:zanderkipper"}) {
            CAPTURE(url);
            const std::string said = refusal(url);
            CHECK(!said.empty());
            CHECK(said.find("zander") == std::string::npos);
            CHECK(said.find("kipper") == std::string::npos);
        }
    }
}
