#include "play_rig.hpp"

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

TEST_SUITE("scenario") {
    TEST_CASE("What an action cannot do to whom it is told is refused with place and cure") {
        Play play{"[[meter]]\nname = \"two\"\nmodel = \"kpm53\"\nwiring = \"2LL2CT\"\n"
                  "load = \"heat\"\n"};
        play.to(1s);
        const std::string taken = play.farm.plan().meters[1].spec.serial;
        struct Row {
            std::string action;
            const char* place;
            const char* says;
        };
        for (const Row& row : std::initializer_list<Row>{
                 {"'kind': 'meter-swap', 'meter': 'shop-*', 'serial': 'x'", "serial",
                  "2 meters would have the serial x; select one meter"},
                 {"'kind': 'meter-swap', 'meter': 'shop-2', 'serial': '" + taken + "'", "serial",
                  "shop-1 has the serial"},
                 {"'kind': 'meter-swap', 'meter': 'shop-2', 'serial': 'short'", "serial",
                  "13 characters"},
                 {"'kind': 'clock-jump', 'meter': 'heat', 'by': '2500000000 s'", "by",
                  "they go from 2000 to 2099"},
                 {"'kind': 'clock-jump', 'meter': 'heat', 'by': '-2500000000 s'", "by",
                  "they go from 2000 to 2099"},
                 {"'kind': 'ct-reversed', 'meter': 'two', 'phase': 'b'", "phase",
                  "two has no current transformer on that phase"},
                 {"'kind': 'ct-swapped', 'meter': 'two', 'phases': 'ab'", "phases",
                  "two has no current transformer on that phase"},
                 {"'kind': 'neutral-lost', 'meter': 'two'", "kind", "has no neutral"},
                 {"'kind': 'counter-reset', 'meter': 'heat', 'point': 'u_a'", "point",
                  "u_a is no counter"},
                 {"'kind': 'counter-rollover', 'meter': 'heat', 'point': 'demand_minutes', "
                  "'digits_end': 100",
                  "point", "demand_minutes is no counter"},
                 {"'kind': 'habit', 'meter': 'heat', 'habit': 'ghost-messages'", "meter",
                  "write mqtt = true"},
                 {"'kind': 'power-off', 'meter': 'four', 'circuit': 2", "circuit",
                  "is of the whole meter"},
             }) {
            CAPTURE(row.action);
            const std::string why = play.mistakes_of("{" + row.action + "}");
            CAPTURE(why);
            CHECK(why.starts_with(std::string{"action/"} + row.place + ":"));
            CHECK(why.find(row.says) != std::string::npos);
        }
        CHECK(play.actions.all().empty());
        play.act("{'kind': 'ct-reversed', 'meter': 'two', 'phase': 'c'}");
        play.act("{'kind': 'ct-open', 'meter': '*', 'phase': 'b'}"); // of those that have one
        play.act("{'kind': 'clock-jump', 'meter': 'heat', 'by': '-90 s'}");
        play.act("{'kind': 'counter-reset', 'meter': 'heat'}");
        play.to(3s);
        CHECK(play.get("two", "p") != play.get("heat", "p"));
    }

    TEST_CASE("Nobody publishes to a topic with wildcards") {
        Play play;
        for (const char* const to : {"2595+028", "#"})
            CHECK(play.mistakes_of("{'kind': 'mqtt-command', 'command': 'TELECTRL', "
                                   "'payload': '{}', 'to': '" +
                                   std::string{to} + "'}")
                      .find("action/to: nobody publishes to \"" + std::string{to} +
                            "\"; leave +, # and zero bytes out") != std::string::npos);
        CHECK(play.mistakes_of("{'kind': 'mqtt-junk', 'topic': 'a/+/b'}")
                  .find("action/topic: nobody publishes to \"a/+/b\"") != std::string::npos);
    }

    TEST_CASE("What could be meant is listed once") {
        Play play;
        CHECK(play.mistakes_of("{'kind': 'power-off', 'model': 'kpm99'}") ==
              "action/model: no model fits \"kpm99\"; there are kpm53, kpm37, kpm312\n");
    }
}
