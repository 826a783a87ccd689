// Endpoints, brokers, paths and times of a farm file: read once, told with place and cure, and taken
// by the servers as they are.
#include "farms.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <unistd.h>

using namespace kpmsim;
using test::mistakes_of;
using test::with_meter;

namespace {

FarmPlan plan_of(const std::string& text) { return parse_farm(text, "f.toml", test::types()); }

std::string endpoint(const std::string& written) {
    return mistakes_of(with_meter("model = \"kpm33b\"\nmodbus_tcp = " + written + "\n"));
}

std::string broker(const std::string& written) {
    return mistakes_of(with_meter("model = \"kpm33b\"\nmqtt = " + written + "\n"));
}

std::string farm(const std::string& line, const std::string& meter = "") {
    return mistakes_of("[farm]\n" + line + "\n[supply.main]\n[[meter]]\nname = \"m\"\n" +
                       "model = \"kpm33b\"\n" + meter);
}

std::string lines(const std::string& one, const std::string& other) {
    return mistakes_of("[supply.main]\n[bus.a]\npty = \"" + one + "\"\n[bus.b]\npty = \"" + other +
                       "\"\n[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n");
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("an endpoint is a plain address and port in the plan, in one spelling") {
        const FarmPlan plan =
            plan_of("[farm]\nbind = \"::1\"\n[supply.main]\n"
                    "[[meter]]\nname = \"a\"\nmodel = \"kpm33b\"\nmodbus_tcp = 1502\n"
                    "[[meter]]\nname = \"b{n}\"\nmodel = \"kpm33b\"\nmodbus_tcp = \"{1510+n}\"\n"
                    "count = 2\n"
                    "[[meter]]\nname = \"c\"\nmodel = \"kpm33b\"\n"
                    "modbus_tcp = \"localhost:{1520+n}\"\n"
                    "[[meter]]\nname = \"d\"\nmodel = \"kpm33b\"\nmodbus_tcp = \"[::]:0\"\n"
                    "[[meter]]\nname = \"e\"\nmodel = \"kpm33b\"\n");
        CHECK(plan.bind == "::1");
        CHECK(plan.meters[0].modbus_tcp() == Endpoint{"::1", 1502});
        CHECK(plan.meters[1].modbus_tcp() == Endpoint{"::1", 1510});
        CHECK(plan.meters[2].modbus_tcp() == Endpoint{"::1", 1511});
        CHECK(plan.meters[3].modbus_tcp() == Endpoint{"127.0.0.1", 1520});
        CHECK(plan.meters[4].modbus_tcp() == Endpoint{"::", 0});
        CHECK_FALSE(plan.meters[5].modbus_tcp().has_value());
    }

    TEST_CASE("a meter's endpoints are a list: ports, and connections that it opens") {
        const FarmPlan plan = plan_of(
            "[supply.main]\n[bus.a]\nrtu_tcp = [4001, { connect = \"head.example:4002\" }]\n"
            "[bus.b]\n[bus.c]\npty = \"run/c\"\nrtu_tcp = \"[::1]:4003\"\n"
            "[[meter]]\nname = \"m{n}\"\nmodel = \"kpm33b\"\ncount = 2\n"
            "rtu_tcp = [\"{4010 + n}\", { connect = \"10.0.0.{n + 1}:4020\" }]\n"
            "modbus_tcp = [1502, 0, { connect = \"head.example:{4030 + n}\" }]\n");
        const auto text = [](const std::vector<EndpointPlan>& endpoints) {
            std::string all;
            for (const EndpointPlan& one : endpoints)
                all += std::string{one.protocol == WireProtocol::modbus_rtu ? "rtu" : "tcp"} +
                       (one.connects ? ">" : " ") + to_text(one.at) + "; ";
            return all;
        };
        CHECK(text(plan.buses[0].endpoints) == "rtu 127.0.0.1:4001; rtu>head.example:4002; ");
        CHECK_FALSE(plan.buses[0].pty.has_value());
        CHECK(text(plan.buses[1].endpoints) == "");
        CHECK(plan.buses[1].pty == "run/b");
        CHECK(text(plan.buses[2].endpoints) == "rtu [::1]:4003; ");
        CHECK(plan.buses[2].pty == "run/c");
        CHECK(text(plan.meters[1].endpoints) ==
              "tcp 127.0.0.1:1502; tcp 127.0.0.1:0; tcp>head.example:4031; "
              "rtu 127.0.0.1:4011; rtu>10.0.0.2:4020; ");
        CHECK(plan.meters[1].modbus_tcp() == Endpoint{"127.0.0.1", 1502});
    }

    TEST_CASE("a connection that nobody can open is told with its place and cure") {
        CHECK(endpoint("{ connect = \"head end:1\" }") ==
              "f.toml:8:26: connect \"head end:1\" has neither a name nor an address for its host; "
              "write \"127.0.0.1:1502\"");
        CHECK(endpoint("{ connect = \"head:0\" }")
                  .starts_with("f.toml:8:26: connect \"head:0\" has no port from 1 to 65535"));
        CHECK(endpoint("{ connect = 4001 }") ==
              "f.toml:8:26: connect is 4001; write \"127.0.0.1:4001\"");
        CHECK(
            endpoint("{ port = 4001 }")
                .starts_with(
                    "f.toml:8:14: modbus_tcp lacks \"connect\"; add connect = \"127.0.0.1:4001\""));
        CHECK(
            endpoint("[1502, true]") ==
            "f.toml:8:21: this is no endpoint of modbus_tcp; write a port as a whole number, such "
            "as 1502, or \"127.0.0.1:1502\", or { connect = \"127.0.0.1:4001\" }");
        CHECK(endpoint("[1502, \"*:1503\"]")
                  .starts_with("f.toml:8:21: modbus_tcp \"*:1503\" has a * for its address"));
        CHECK(endpoint("[1502, { connect = \"head:4001\" }]") == "");
        CHECK(
            endpoint("[4009, { connect = \"127.0.0.1:0\" }, true, { connect = \"a b:1\" }]") ==
            "f.toml:8:33: connect \"127.0.0.1:0\" has no port from 1 to 65535; write "
            "\"127.0.0.1:1502\"\n"
            "f.toml:8:50: this is no endpoint of modbus_tcp; write a port as a whole number, such "
            "as 1502, or \"127.0.0.1:1502\", or { connect = \"127.0.0.1:4001\" }\n"
            "f.toml:8:68: connect \"a b:1\" has neither a name nor an address for its host; write "
            "\"127.0.0.1:1502\"");
    }

    TEST_CASE("a port of RTU belongs to one line or meter") {
        const auto meters = [](const std::string& lines, const std::string& keys) {
            return mistakes_of("[supply.main]\n" + lines +
                               "[[meter]]\nname = \"m{n}\"\nmodel = \"kpm33b\"\ncount = 2\n" +
                               keys);
        };
        CHECK(meters("", "rtu_tcp = 4001\n") ==
              "f.toml:6:11: m1 listens at 127.0.0.1:4001, where m0 does already; use another port; "
              "meters that share one of RTU stand on a [bus.NAME] that has it as its rtu_tcp");
        CHECK(
            meters("[bus.a]\nrtu_tcp = 4001\n", "modbus_tcp = \"0.0.0.0:4001\"\n")
                .starts_with("f.toml:8:14: m0 listens at 0.0.0.0:4001, where bus a does already"));
        CHECK(meters("[bus.a]\nrtu_tcp = [4001, 4001]\n", "")
                  .starts_with(
                      "f.toml:3:18: rtu_tcp names 127.0.0.1:4001 twice; leave one of them out"));
        CHECK(meters("", "rtu_tcp = \"{4001 + n}\"\nmodbus_tcp = 4003\n") == "");
        CHECK(meters("", "rtu_tcp = 0\n") == "");
        CHECK(meters("", "rtu_tcp = { connect = \"head:4001\" }\n") == "");
    }

    TEST_CASE("of the listeners at one port the first that another collides with is named") {
        const auto at = [](const std::string& last) {
            const auto bus = [](const std::string& name, const std::string& address) {
                return "[bus." + name + "]\nrtu_tcp = \"" + address + ":4001\"\n";
            };
            return mistakes_of("[supply.main]\n" + bus("a", "[::1]") + bus("b", "127.0.0.2") +
                               bus("c", "127.0.0.3") + bus("d", last) +
                               "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n");
        };
        CHECK(at("127.0.0.4") == "");
        CHECK(at("[::2]") == "");
        for (const auto& [last, first] :
             {std::pair{"127.0.0.3", "c"}, {"0.0.0.0", "b"}, {"[::]", "a"}, {"[::1]", "a"}}) {
            CAPTURE(last);
            CHECK(at(last).starts_with("f.toml:9:11: bus d listens at " + std::string{last} +
                                       ":4001, where bus " + first + " does already"));
        }
        const auto behind = [](const std::string& all, const std::string& one) {
            return mistakes_of("[supply.main]\n[bus.a]\nrtu_tcp = \"" + all + ":4001\"\n[bus.b]\n" +
                               "rtu_tcp = \"" + one +
                               ":4001\"\n[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n");
        };
        CHECK(behind("0.0.0.0", "[::1]") == "");
        CHECK(behind("0.0.0.0", "127.0.0.1").find("where bus a does already") != std::string::npos);
        CHECK(behind("[::]", "127.0.0.1").find("where bus a does already") != std::string::npos);
    }

    TEST_CASE("an endpoint that is none is told with its place and what would be right") {
        CHECK(endpoint("\"tcp://127.0.0.1:21510\"") ==
              "f.toml:8:14: modbus_tcp \"tcp://127.0.0.1:21510\" has a scheme in front; write "
              "\"127.0.0.1:21510\"");
        CHECK(endpoint("\"::1:21510\"") ==
              "f.toml:8:14: modbus_tcp \"::1:21510\" has an IPv6 address without brackets; write "
              "\"[::1]:21510\"");
        CHECK(endpoint("\"*:21510\"") ==
              "f.toml:8:14: modbus_tcp \"*:21510\" has a * for its address; write "
              "\"0.0.0.0:21510\" for every interface, \"[::]:21510\" for those of IPv6 too");
        CHECK(endpoint("-1").starts_with("f.toml:8:14: modbus_tcp \"-1\" is no port from 0"));
        CHECK(endpoint("\"meter.example:1502\"").find("has no IP address before its port") !=
              std::string::npos);
        CHECK(endpoint("\"~\"") == "f.toml:8:14: modbus_tcp \"~\" lacks its port; write "
                                   "\"127.0.0.1:1502\"");
        CHECK(farm("bind = \"*\"") ==
              "f.toml:2:8: bind \"*\" is no IP address; write \"0.0.0.0\" for every interface, "
              "\"::\" for those of IPv6 too");
    }

    TEST_CASE("what is told to be written is taken when it is written") {
        CHECK(
            endpoint("21510.0") ==
            "f.toml:8:14: modbus_tcp is 21510.0; write a port as a whole number, such as 1502, or "
            "\"127.0.0.1:1502\"");
        CHECK(endpoint("21510") == "");
        CHECK(endpoint("\"21510\"") == "");
        CHECK(endpoint("true").find("write a port as a whole number") != std::string::npos);
        CHECK(farm("clock = 60") ==
              "f.toml:2:9: clock is 60; write \"realtime\", \"x60\" (an hour in a minute), "
              "\"free\", \"stepped\" or \"paused\"");
        CHECK(farm("start = 2026") == "f.toml:2:9: start is 2026; write \"2026-01-01T00:00:00\"");
        CHECK(farm("bind = 127") == "f.toml:2:8: bind is 127; write \"127.0.0.1\", or \"0.0.0.0\"");
        CHECK(farm("broker = 1883") ==
              "f.toml:2:10: broker is 1883; write \"embedded\" or \"mqtt://127.0.0.1:1883\"");
        for (const auto& [line, cure] :
             {std::pair{"pt = 100", "write \"10000/100 V\""},
              std::pair{"ct = 80", "write \"400/5 A\""},
              std::pair{"u_phase = 1", "write which phase lands on a, b and c, such as \"acb\""}})
            CHECK(mistakes_of(with_meter("model = \"kpm53\"\n" + std::string{line} + "\n"))
                      .ends_with(cure));
        CHECK(broker("1883") ==
              "f.toml:8:8: mqtt is 1883; write true (the farm's broker), \"embedded\" or "
              "\"mqtt://127.0.0.1:1883\"");
    }

    TEST_CASE("a broker is told where it is, and a wrong URL without its password") {
        const auto with_broker = [](const std::string& url) {
            return plan_of("[farm]\nbroker = \"" + url +
                           "\"\n[supply.main]\n[[meter]]\n"
                           "name = \"m\"\nmodel = \"kpm33b\"\nmqtt = true\n")
                .meters[0]
                .mqtt.value();
        };
        CHECK(with_broker("embedded").embedded);
        CHECK_FALSE(with_broker("mqtt://[::1]:1884").embedded);
        CHECK(with_broker("mqtt://me:p%40ss@[::1]:1884").at ==
              MqttEndpoint{"::1", 1884, "me", "p@ss"});
        const std::string place = "f.toml:8:8: mqtt ";
        CHECK(broker("\"mqtt://acc:p@ss@h\"") ==
              place + "has a @ in its account or password; write the @ as %40");
        CHECK(broker("\"mqtt://acc:p#s@h\"") ==
              place + "has a # in its account or password; write the # as %23");
        CHECK(broker("\"mqtt://acc:100%@h\"") ==
              place + "has a % in its password that no two hex digits follow; write a percent sign "
                      "as %25");
        CHECK(broker("\"mqtt://u:secret@\"") == place +
                                                    "has no host; write mqtt://127.0.0.1:1883, or "
                                                    "mqtt://account:password@host:port");
        CHECK(broker("\"127.0.0.1:1883\"") ==
              place + "is no URL; write true (the farm's broker), \"embedded\" or "
                      "\"mqtt://127.0.0.1:1883\"");
        CHECK(broker("\"mqtt://::1:1883\"") ==
              place + "has an IPv6 address that no brackets enclose; write it as "
                      "mqtt://[::1]:1883");
        CHECK(farm("broker = \"mqtt://acc:p@ss@h\"") ==
              "f.toml:2:10: broker has a @ in its account or password; write the @ as %40");
        CHECK(broker("false") == "");
    }

    TEST_CASE("one line in two spellings is told, and one below another") {
        CHECK(
            lines("q1", "./q1") ==
            "f.toml:5:7: bus b has the pty \"./q1\", which is the \"q1\" of bus a; give each line "
            "a link of its own, such as \"run/b\"");
        CHECK(lines("run/../q1", "q1") != "");
        CHECK(lines("q1", std::filesystem::current_path().string() + "/q1") != "");
        CHECK(
            lines("q1", "q1/x") ==
            "f.toml:5:7: bus b has the pty \"q1/x\", and bus a has \"q1\": one of them would be a "
            "folder; give each line a link of its own, such as \"run/b\"");
        CHECK(lines("q1/x", "q1") != "");
        CHECK(lines("q1", "q12") == "");
        CHECK(lines("q1", "run/q1") == "");
        CHECK(lines("~/q1", "q1") ==
              "f.toml:3:7: pty \"~/q1\" begins with a ~, which only a shell follows; write the "
              "whole path, or \"./~\" for a name that begins so");
        for (const char* table :
             {"[load.y]\nprofile", "[load.y]\nrecording", "[supply.y]\nrecording"})
            CHECK(mistakes_of("[supply.main]\n" + std::string{table} +
                              " = \"~/day.csv\"\n[[meter]]\n" +
                              "name = \"m\"\nmodel = \"kpm33b\"\nsupply = \"main\"\n")
                      .find("\"~/day.csv\" begins with a ~, which only a shell follows") !=
                  std::string::npos);
        CHECK(lines("q\\u0000", "q1").starts_with("f.toml:3:7: pty holds a control character"));
        CHECK(lines("run/", "q1") ==
              "f.toml:3:7: pty \"run/\" names a folder; add a name: \"run/line1\"");
    }

    TEST_CASE("listeners at one port may stand at different addresses, not at one and at all") {
        const auto two = [](const std::string& one, const std::string& other) {
            return mistakes_of(with_meter("model = \"kpm33b\"\nmodbus_tcp = \"" + one + "\"\n" +
                                          "[[meter]]\nname = \"o\"\nmodel = \"kpm33b\"\nunit = 1\n"
                                          "modbus_tcp = \"" +
                                          other + "\"\n"));
        };
        CHECK(two("127.0.0.1:1502", "[::1]:1502") == "");
        CHECK(two("127.0.0.1:1502", "127.0.0.2:1502") == "");
        CHECK(two("127.0.0.1:1502", "[::]:1502") ==
              "f.toml:13:14: port 1502 is written as 127.0.0.1:1502 and as [::]:1502; write it the "
              "same way everywhere, or use another port");
        CHECK(two("127.0.0.1:1502", "localhost:1502") ==
              "f.toml:12:8: o has unit 1 at 127.0.0.1:1502, where m-0 has 1; give each meter an "
              "address of its own");
    }

    TEST_CASE("times are of years that a meter's clock shows") {
        CHECK(farm("start = \"2000-01-01T00:00:00\"") == "");
        CHECK(farm("start = 2099-12-31T23:59:59") == "");
        for (const char* year : {"0000", "1970", "1999", "2100", "9999"})
            CHECK(farm("start = \"" + std::string{year} + "-06-01T00:00:00\"") ==
                  "f.toml:2:9: start \"" + std::string{year} +
                      "-06-01T00:00:00\" is in no year that a meter's clock shows; write one from "
                      "2000 to 2099");
        CHECK(farm("start = \"2099-06-01T00:00:00\"", "clock_offset = \"-99 d\"\n") == "");
        CHECK(farm("start = \"2099-06-01T00:00:00\"", "clock_offset = \"365 d\"\n") ==
              "f.toml:7:16: clock_offset leads out of the years that a meter's clock shows; the "
              "farm starts at 2099-06-01T00:00:00, and the clock goes from 2000 to 2099");
        CHECK(farm("seed = 1", "clock_offset = \"-9498 d\"\n") != "");
        CHECK(farm("seed = 1", "clock_offset = \"-9497 d\"\n") == "");
        CHECK(farm("seed = 1", "clock_offset = \"1e300 d\"\n") != "");
        CHECK(farm("seed = 1", "clock_offset = \"1.5 s\"\n") ==
              "f.toml:7:16: clock_offset is no whole number of seconds; a meter's clock counts "
              "seconds: write \"2 s\" or \"-4 min\"");
        CHECK(farm("mqtt_keepalive = \"5.9 s\"") ==
              "f.toml:2:18: mqtt_keepalive is out of range; write whole seconds, from \"5 s\" to "
              "\"65535 s\"");
        CHECK(farm("mqtt_keepalive = \"1 min\"") == "");
        CHECK(mistakes_of("[supply.main]\n[[supply.main.disturbance]]\nkind = \"dip\"\n"
                          "residual = \"40 %\"\nfor = \"1 s\"\nat = \"2100-01-01T00:00:00\"\n"
                          "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n") ==
              "f.toml:6:6: at \"2100-01-01T00:00:00\" is in no year that a meter's clock shows; "
              "write one from 2000 to 2099");
    }

    TEST_CASE("word order and request limit are a meter's own") {
        const FarmPlan plan = plan_of(with_meter("model = \"kpm33b\"\nword_order = \"cdab\"\n"
                                                 "max_read_words = 10\n"
                                                 "[[meter]]\nname = \"o\"\nmodel = \"kpm33b\"\n"));
        CHECK(plan.meters[0].spec.word_order == WordOrder::cdab);
        CHECK(plan.meters[0].spec.max_read_words == 10);
        CHECK_FALSE(plan.meters[1].spec.word_order.has_value());
        CHECK(mistakes_of(with_meter(
                  "model = \"kpm33b\"\nword_order = \"badc\"\nmax_read_words = 126\n")) ==
              "f.toml:8:14: unknown word_order \"badc\"; known: abcd, cdab\n"
              "f.toml:9:18: max_read_words is 126; write a whole number from 1 to 125");
    }
}
