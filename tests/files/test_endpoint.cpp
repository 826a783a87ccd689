#include "files/endpoint.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

/// The listener in one spelling, or what is wrong with the text and its cure.
std::string listener(const std::string& text) {
    Fault fault;
    const auto endpoint = parse_listener(text, "10.0.0.7", fault);
    return endpoint ? to_text(*endpoint) : fault.what + "; " + fault.cure;
}

std::string server(const std::string& text) {
    Fault fault;
    const auto endpoint = parse_server(text, fault);
    return endpoint ? to_text(*endpoint) : fault.what + "; " + fault.cure;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a listener's endpoint has one spelling, however it is written") {
        CHECK(listener("127.0.0.1:1502") == "127.0.0.1:1502");
        CHECK(listener("127.0.0.1:01502") == "127.0.0.1:1502");
        CHECK(listener("localhost:65535") == "127.0.0.1:65535");
        CHECK(listener("0.0.0.0:0") == "0.0.0.0:0");
        CHECK(listener("[::1]:1502") == "[::1]:1502");
        CHECK(listener("[0:0::0:1]:1502") == "[::1]:1502");
        CHECK(listener("[FE80::1%eth0]:1502") == "[fe80::1%eth0]:1502");
        CHECK(listener("1502") == "10.0.0.7:1502");
    }

    TEST_CASE("what is no endpoint to listen at is told with what would be right") {
        const std::string cure = "; write \"127.0.0.1:1502\" for this machine only, or "
                                 "\"0.0.0.0:1502\" for others too";
        CHECK(listener("tcp://127.0.0.1:21510") ==
              "\"tcp://127.0.0.1:21510\" has a scheme in front; write \"127.0.0.1:21510\"");
        CHECK(listener("tcp://[::1]:21510/") ==
              "\"tcp://[::1]:21510/\" has a scheme in front; write \"[::1]:21510\"");
        CHECK(listener("tcp://127.0.0.1") ==
              "\"tcp://127.0.0.1\" has a scheme in front; write \"127.0.0.1:1502\"");
        CHECK(listener("::1:21510") ==
              "\"::1:21510\" has an IPv6 address without brackets; write \"[::1]:21510\"");
        CHECK(listener("::") ==
              "\"::\" has an IPv6 address without brackets; write \"[::1]:1502\"");
        CHECK(listener("*:21510") ==
              "\"*:21510\" has a * for its address; write \"0.0.0.0:21510\" for every interface, "
              "\"[::]:21510\" for those of IPv6 too");
        CHECK(listener(":1502") == "\":1502\" lacks its address" + cure);
        CHECK(listener("127.0.0.1") == "\"127.0.0.1\" lacks its port; write \"127.0.0.1:1502\"");
        CHECK(listener("") == "\"\" lacks its port; write \"127.0.0.1:1502\"");
        CHECK(listener("[::1]") == "\"[::1]\" lacks its port; write \"[::1]:1502\"");
        for (const char* text : {"-1", "65536", "+1502"})
            CHECK(listener(text) ==
                  '"' + std::string{text} + "\" is no port from 0 (any free one) to 65535" + cure);
        for (const char* text : {"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x",
                                 "127.0.0.1:1502x", "127.0.0.1:1502/", "127.0.0.1: 1502"})
            CHECK(listener(text) ==
                  '"' + std::string{text} + "\" has no port from 0 (any free one) to 65535" + cure);
        for (const char* text : {"meter.example:1502", "127.1:1502", "300.0.0.1:1502",
                                 "127.0.0.1 :1502", "[127.0.0.1:x]:1502", "[1::2::3]:1502"})
            CHECK(listener(text) ==
                  '"' + std::string{text} + "\" has no IP address before its port" + cure);
        CHECK(listener("[::1:1502") ==
              "\"[::1:1502\" lacks the ] behind its IPv6 address; write the "
              "address in brackets: [::1]");
        CHECK(listener("[127.0.0.1]:21510") ==
              "\"[127.0.0.1]:21510\" has brackets around more or less than an IPv6 address; write "
              "it without brackets: \"127.0.0.1:21510\"");
        CHECK(listener("127.0.0.1:21510:1") ==
              "\"127.0.0.1:21510:1\" has more than one port; write \"127.0.0.1:21510\"");
        CHECK(listener("meter:21510:1") ==
              "\"meter:21510:1\" has more than one port; write \"127.0.0.1:1502\"");
        CHECK(listener("[::1]1502").find("brackets around more or less") != std::string::npos);
    }

    TEST_CASE("what a message about an endpoint says to write is an endpoint") {
        const auto cured = [](const std::string& told, const auto& read) {
            const std::size_t from = told.rfind("write ");
            REQUIRE(from != std::string::npos);
            const std::size_t begin = told.find('"', from) + 1;
            return read(told.substr(begin, told.find('"', begin) - begin)).find("; ");
        };
        for (const char* text :
             {"tcp://x:2", "tcp://127.0.0.1:2", "tcp://h:0", "tcp://[127.0.0.1]:2", "tcp://1502",
              "127.0.0.1:21510:1", "x:1:2", "127.0.0.1::2", "::1:0", "::1:21510", "1::2:3::4",
              "[127.0.0.1]:21510", "[127.0.0.1]", "[127.0.0.1]x", "x", "*", "a b"}) {
            CAPTURE(text);
            if (listener(text).find("; ") != std::string::npos)
                CHECK(cured(listener(text), listener) == std::string::npos);
            if (server(text).find("; ") != std::string::npos)
                CHECK(cured(server(text), server) == std::string::npos);
        }
        CHECK(listener("tcp://x:2") ==
              "\"tcp://x:2\" has a scheme in front; write \"127.0.0.1:1502\"");
        CHECK(server("tcp://x:2") == "\"tcp://x:2\" has a scheme in front; write \"x:2\"");
    }

    TEST_CASE("a client's endpoint may be a name, and has a port") {
        CHECK(server("meter.example:1502") == "meter.example:1502");
        CHECK(server("localhost:502") == "localhost:502");
        CHECK(server("[::1]:502") == "[::1]:502");
        CHECK(server("::1:502") == "\"::1:502\" has an IPv6 address without brackets; write "
                                   "\"[::1]:502\"");
        CHECK(server("127.0.0.1:0") ==
              "\"127.0.0.1:0\" has no port from 1 to 65535; write \"127.0.0.1:1502\"");
        CHECK(server("h") == "\"h\" lacks its port; write \"h:1502\"");
        CHECK(server(":502") == "\":502\" lacks its host; write \"127.0.0.1:1502\"");
        CHECK(server("*:502") == "\"*:502\" has neither a name nor an address for its host; write "
                                 "\"127.0.0.1:1502\"");
    }

    TEST_CASE("a message about an endpoint never shows what may be a password") {
        for (const char* text : {"mqtt://me:zander@h:1", "me:zander@h:1", "me@zander:1", "zander@",
                                 "tcp://zander@h", "[zander@", "::zander@h:1"}) {
            CAPTURE(text);
            CHECK(listener(text).find("zander") == std::string::npos);
            CHECK(server(text).find("zander") == std::string::npos);
        }
    }

    TEST_CASE("an address to listen at is an IP address") {
        const auto address = [](const std::string& text) {
            Fault fault;
            return parse_listen_address(text, fault).value_or(fault.what + "; " + fault.cure);
        };
        CHECK(address("127.0.0.1") == "127.0.0.1");
        CHECK(address("localhost") == "127.0.0.1");
        CHECK(address("::") == "::");
        CHECK(address("[::1]") == "::1");
        CHECK(address("*") ==
              "\"*\" is no IP address; write \"0.0.0.0\" for every interface, \"::\" "
              "for those of IPv6 too");
        for (const char* text : {"", "all of them", "127.0.0.1:1502", "1502", "meter.example", "~"})
            CHECK(address(text) == '"' + std::string{text} +
                                       "\" is no IP address; write \"127.0.0.1\" for this machine "
                                       "only, or \"0.0.0.0\" for others too");
    }

    TEST_CASE("listeners collide at one port where one address is the other, or all") {
        const auto clash = [](const std::string& a, const std::string& b) {
            Fault fault;
            const auto one = parse_listener(a, "", fault);
            const auto two = parse_listener(b, "", fault);
            CHECK(collide(*one, *two) == collide(*two, *one));
            return collide(*one, *two);
        };
        CHECK(clash("127.0.0.1:1502", "localhost:1502"));
        CHECK(clash("127.0.0.1:1502", "0.0.0.0:1502"));
        CHECK(clash("127.0.0.1:1502", "[::]:1502"));
        CHECK(clash("[::1]:1502", "[::]:1502"));
        CHECK(clash("0.0.0.0:1502", "[::]:1502"));
        CHECK_FALSE(clash("127.0.0.1:1502", "127.0.0.1:1503"));
        CHECK_FALSE(clash("127.0.0.1:1502", "127.0.0.2:1502"));
        CHECK_FALSE(clash("127.0.0.1:1502", "[::1]:1502"));
        CHECK_FALSE(clash("[::1]:1502", "0.0.0.0:1502"));
        CHECK_FALSE(clash("127.0.0.1:0", "127.0.0.1:0"));
    }
}
