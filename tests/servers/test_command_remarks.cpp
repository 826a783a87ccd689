#include "servers/mqtt/command_remarks.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("A mistake is told once, whatever the client wrote; another meter's is its own") {
        CommandRemarks remarks;
        const auto refused = [&](const char* who, const std::string& why) {
            return remarks.say(who, "MQTT_SYS_CFG_25950027", "was refused", why);
        };
        CHECK(refused("shop", "value has \"1x\", which is no number") ==
              "shop: MQTT_SYS_CFG_25950027 was refused: value has \"1x\", which is no number");
        CHECK(refused("shop", "value has \"7y\", which is no number").empty());
        CHECK_FALSE(refused("hall", "value has \"7y\", which is no number").empty());
        CHECK_FALSE(refused("shop", "value has more than 100 numbers").empty());
        CHECK_FALSE(remarks
                        .say("shop", "MQTT_COMMOD_SET_25950027", "was refused",
                             "value has more than 100 numbers")
                        .empty());
        CHECK_FALSE(refused("shop", "the payload has 4097 bytes").empty());
        CHECK(refused("shop", "the payload has 9000 bytes").empty());
    }

    TEST_CASE("Whoever sends random bytes to one meter uses up what is said of that one alone") {
        CommandRemarks remarks;
        std::size_t lines = 0;
        for (char a = 'a'; a <= 'z'; ++a)
            for (char b = 'a'; b <= 'z'; ++b)
                lines += remarks.say("shop", "T", "met silence", std::string{a, b}).empty() ? 0 : 1;
        CHECK(lines == CommandRemarks::most_of_one + 1);
        CHECK(remarks.say("hall", "T", "met silence", "why") == "hall: T met silence: why");
    }

    TEST_CASE("The last word on a meter says that it is the last") {
        CommandRemarks remarks;
        std::string last;
        for (std::size_t n = 0; n <= CommandRemarks::most_of_one; ++n)
            last = remarks.say("shop", "T", "met silence", std::string(n + 1, 'x'));
        CHECK(last == "shop: more commands over MQTT were not taken; no more of its own is said");
    }
}
