// Commands over MQTT, protocol V1.9, as transcripts: what comes on a topic, what goes back on which.
#include "fixture.hpp"

#include "models/faces/mqtt_commands.hpp"

#include <algorithm>

using namespace kpmsim;
using test::Bench;

namespace {

const std::string id = "0123456789abcdef0123456789ABCDEF"; // 32 characters

/// A request with an operation id, and more keys.
std::string request(const std::string& keys, const std::string& oprid = id) {
    return R"({"oprid":")" + oprid + '"' + (keys.empty() ? "" : ',' + keys) + '}';
}

struct Desk {
    Bench bench;
    explicit Desk(const std::string& model, MeterSpec spec = {}) : bench{model, std::move(spec)} {}

    std::string tail(std::size_t circuit = 0) {
        const std::string serial = bench.circuit(circuit).serial();
        return '_' + serial.substr(serial.size() - 8);
    }
    CommandAnswer tell(const std::string& command, const std::string& payload,
                       std::size_t circuit = 0) {
        return answer_command(bench.circuit(circuit), "MQTT_" + command + tail(circuit), payload);
    }
    /// Topic and payload of the one answer, without id and oprid, which every answer begins with.
    std::string answer(const std::string& command, const std::string& payload,
                       std::size_t circuit = 0) {
        const CommandAnswer got = tell(command, payload, circuit);
        if (got.messages.size() != 1)
            return "silence: " + got.remark;
        const std::string head =
            R"({"id":")" + bench.circuit(circuit).serial() + R"(","oprid":")" + id + R"(",)";
        REQUIRE(got.messages[0].payload.starts_with(head));
        return got.messages[0].topic + " {" + got.messages[0].payload.substr(head.size());
    }
};

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("a meter listens to its commands under the last eight of its id, each circuit to its "
              "own") {
        Desk kpm33b{"kpm33b"};
        const auto topics = command_topics(kpm33b.bench.circuit());
        CHECK(topics ==
              std::vector<std::string>{
                  "MQTT_COMMOD_SET_25950027", "MQTT_COMMOD_READ_25950027", "MQTT_SETTIME_25950027",
                  "MQTT_TELECTRL_25950027", "MQTT_SYS_CFG_25950027", "MQTT_SYS__CFG_25950027",
                  "MQTT_SYS_READ_25950027", "MQTT_RECONFIG_25950027", "MQTT_SET_25950027"});
        Desk kpm312{"kpm312"};
        CHECK(command_topics(kpm312.bench.circuit(0))[0] == "MQTT_COMMOD_SET_259C0027");
        CHECK(command_topics(kpm312.bench.circuit(3))[0] == "MQTT_COMMOD_SET_259C0030");
        CHECK(command_topics(Desk{"kpm53"}.bench.circuit()).empty());
    }

    TEST_CASE("the upload frequency is set and read") {
        Desk desk{"kpm33b"};
        CHECK(desk.answer("COMMOD_SET", request(R"("Cmd":"0000","value":"60","types":"1")")) ==
              R"(MQTT_COMMOD_SET_REP {"code":"01"})");
        CHECK(desk.bench.meter.shown(Role::upload_seconds, 0) == 60);
        CHECK(desk.answer("COMMOD_READ", request(R"("Cmd":"0000","types":"1")")) ==
              R"(MQTT_COMMOD_READ_REP {"Cmd":"0000","value":"60","code":"01"})");
        CHECK(desk.answer("COMMOD_SET", request(R"("Cmd":"0001","value":"1440","types":"1")")) ==
              R"(MQTT_COMMOD_SET_REP {"code":"01"})");
        CHECK(desk.bench.meter.shown(Role::upload_minutes, 0) == 1440);
        // What the meter does not take, it refuses, and keeps what it has.
        CHECK(desk.answer("COMMOD_SET", request(R"("Cmd":"0000","value":"45","types":"1")")) ==
              R"(MQTT_COMMOD_SET_REP {"code":"02"})");
        CHECK(desk.answer("COMMOD_SET", request(R"("Cmd":"0000","value":"6x","types":"1")")) ==
              R"(MQTT_COMMOD_SET_REP {"code":"02"})");
        CHECK(desk.answer("COMMOD_SET", request(R"("Cmd":"0002","value":"60","types":"1")")) ==
              R"(MQTT_COMMOD_SET_REP {"code":"02"})");
        CHECK(desk.answer("COMMOD_READ", request(R"("Cmd":"0002","types":"1")")) ==
              R"(MQTT_COMMOD_READ_REP {"Cmd":"0002","value":"","code":"02"})");
        CHECK(desk.bench.meter.shown(Role::upload_seconds, 0) == 60);
        CHECK(desk.bench.meter.take_commands().size() == 2);
    }

    TEST_CASE("a frequency is taken in the form of its type, and in no other") {
        Desk desk{"kpm37"};
        const auto set = [&](const std::string& keys) {
            return desk.answer("COMMOD_SET", request(R"("Cmd":"0000",)" + keys)) ==
                   R"(MQTT_COMMOD_SET_REP {"code":"01"})";
        };
        CHECK(set(R"("value":"60","types":"1")"));
        CHECK(set(R"("value":"300.0","types":"2")"));
        CHECK(desk.bench.meter.shown(Role::upload_seconds, 0) == 300);
        CHECK(set(R"("value":"60","types":"2")"));
        for (const char* wrong :
             {R"("value":"300.0","types":"1")", R"("value":"300.4","types":"2")",
              R"("value":"300","types":"3")", R"("value":"300","types":"01")", R"("value":"300")",
              R"("value":"300","type":"1")", R"("value":"inf","types":"2")"}) {
            CAPTURE(wrong);
            CHECK_FALSE(set(wrong));
        }
        CHECK(desk.bench.meter.shown(Role::upload_seconds, 0) == 60);
        CHECK(desk.answer("COMMOD_READ", request(R"("Cmd":"0000","types":"2")")) ==
              R"(MQTT_COMMOD_READ_REP {"Cmd":"0000","value":"60","code":"01"})");
        CHECK(desk.answer("COMMOD_READ", request(R"("Cmd":"0000")")) ==
              R"(MQTT_COMMOD_READ_REP {"Cmd":"0000","value":"","code":"02"})");
        CHECK(desk.tell("COMMOD_READ", request(R"("Cmd":"0000","types":"3")")).remark ==
              "types is neither 1 (integer) nor 2 (float)");
    }

    TEST_CASE("the clock is set") {
        Desk desk{"kpm37"};
        CHECK(desk.answer("SETTIME", request(R"("time":"20260228235958")")) ==
              R"(MQTT_METER_TIME_REP {"code":"01","msg":""})");
        CHECK(desk.bench.meter.rtc() == test::civil("2026-02-28T23:59:58"));
        for (const char* wrong : {"20260229000000", "2026022823595", "2026-02-28T23:59",
                                  "19990101000000", "+2026228235958"})
            CHECK(desk.answer("SETTIME", request(std::string{R"("time":")"} + wrong + '"'))
                      .starts_with(R"(MQTT_METER_TIME_REP {"code":"02","msg":")"));
        CHECK(desk.answer("SETTIME", request(R"("time":"20260230000000")")) ==
              R"(MQTT_METER_TIME_REP {"code":"02","msg":"time is no day or hour that there is"})");
        CHECK(desk.answer("SETTIME", request(R"("time":"2026023000000")")) ==
              R"(MQTT_METER_TIME_REP {"code":"02","msg":"time is no YYYYMMDDhhmmss"})");
        CHECK(desk.bench.meter.rtc() == test::civil("2026-02-28T23:59:58"));
    }

    TEST_CASE("relays: all that are named or none, as many as are fitted") {
        MeterSpec fitted;
        fitted.relays_fitted = true;
        Desk desk{"kpm37", fitted};
        const auto relay = [&](int n) { return desk.bench.meter.image().memory.relay(n); };
        CHECK(desk.answer("TELECTRL", request(R"("do1":"1","do2":"1")")) ==
              R"(MQTT_TELECTRL_REP {"do1":"1","do2":"1","code":"01","msg":""})");
        CHECK(relay(0));
        CHECK(relay(1));
        CHECK(desk.answer("TELECTRL", request(R"("do2":"0")")) ==
              R"(MQTT_TELECTRL_REP {"do2":"0","code":"01","msg":""})");
        CHECK_FALSE(relay(1));
        CHECK(desk.answer("TELECTRL", request(R"("do1":"0","do3":"1")")) ==
              R"(MQTT_TELECTRL_REP {"do1":"0","do3":"1","code":"02","msg":"there is no do3"})");
        CHECK(desk.answer("TELECTRL", request(R"("do1":"2")")) ==
              R"(MQTT_TELECTRL_REP {"do1":"2","code":"02","msg":"do1 is neither 0 nor 1"})");
        CHECK(desk.answer("TELECTRL", request("")) ==
              R"(MQTT_TELECTRL_REP {"code":"02","msg":"no relay is named"})");
        CHECK(relay(0));

        MeterSpec bare;
        bare.relays_fitted = false;
        Desk without{"kpm37", bare};
        CHECK(without.answer("TELECTRL", request(R"("do1":"1")")) ==
              R"(MQTT_TELECTRL_REP {"do1":"1","code":"02","msg":"there is no do1"})");
        Desk four{"kpm312", bare};
        CHECK(four.answer("TELECTRL", request(R"("do1":"1")"), 1) ==
              R"(MQTT_TELECTRL_REP {"do1":"1","code":"02","msg":"there is no do1"})");
    }

    TEST_CASE("each circuit of a KPM312 has its own relay") {
        MeterSpec fitted;
        fitted.relays_fitted = true;
        Desk desk{"kpm312", fitted};
        CHECK(desk.answer("TELECTRL", request(R"("do1":"1")"), 2) ==
              R"(MQTT_TELECTRL_REP {"do1":"1","code":"01","msg":""})");
        for (int n = 0; n < 4; ++n)
            CHECK(desk.bench.meter.image().memory.relay(n) == (n == 2));
    }

    TEST_CASE("a meter without relays takes no setting of theirs through the tunnel") {
        MeterSpec bare;
        bare.relays_fitted = false;
        Desk desk{"kpm37", bare};
        CHECK(desk.answer("SYS_CFG", request(R"("addr":"0500","value":"1","type":"1")")) ==
              R"(MQTT_SYS_SET_REP {"code":"02"})");
        CHECK(Desk{"kpm37"}.answer("SYS_CFG", request(R"("addr":"0500","value":"1","type":"1")")) ==
              R"(MQTT_SYS_SET_REP {"code":"01"})");
    }

    TEST_CASE("the tunnel writes and reads what Modbus does") {
        Desk desk{"kpm37"};
        const RegisterMap& map = desk.bench.circuit().type().registers;
        const auto address = [&](const char* name) {
            const RegisterRow* row = map.find(name);
            REQUIRE(row != nullptr);
            return fmt::format("{:04X}", row->address);
        };
        const std::string demand = address("demand_minutes");
        CHECK(desk.answer("SYS_CFG",
                          request(R"("addr":")" + demand + R"(","value":"10","type":"1")")) ==
              R"(MQTT_SYS_SET_REP {"code":"01"})");
        CHECK(desk.bench.setting("demand_minutes") == 10);
        CHECK(desk.answer("SYS__CFG",
                          request(R"("addr":")" + demand + R"(","value":"5","type":"1")")) ==
              R"(MQTT_SYS_SET_REP {"code":"01"})");
        CHECK(desk.answer("SYS_READ",
                          request(R"("addr":")" + demand + R"(","lenth":"1","type":"1")")) ==
              R"(MQTT_SYS_REPLY {"addr":")" + demand + R"(","lenth":"1","value":"5","type":"1"})");
        desk.bench.states[0].readings[Slot::u_a] = 230.125;
        desk.bench.states[0].readings[Slot::u_b] = 229.5;
        desk.bench.meter.image().metered = desk.bench.states;
        CHECK(desk.answer("SYS_READ", request(R"("addr":")" + address("u_a") +
                                              R"(","lenth":"2","type":"2")")) ==
              R"(MQTT_SYS_REPLY {"addr":")" + address("u_a") +
                  R"(","lenth":"2","value":"230.125;229.5","type":"2"})");
    }

    TEST_CASE("the tunnel writes floats where floats stand, and integers everywhere else") {
        Desk desk{"kpm33b"};
        const auto write = [&](const char* addr, const char* value, const char* type) {
            return desk.answer("SYS_CFG",
                               request(fmt::format(R"("addr":"{}","value":"{}","type":"{}")", addr,
                                                   value, type))) ==
                   R"(MQTT_SYS_SET_REP {"code":"01"})";
        };
        CHECK(write("000E", "20.5", "2"));           // prepaid energy
        CHECK(write("0001", "7", "1"));              // address
        CHECK(write("0023", "6658;2570;2560", "1")); // the clock's three registers
        CHECK(desk.bench.meter.take_commands().size() == 3);
        CHECK_FALSE(write("000E", "16804;0", "1"));
        CHECK_FALSE(write("0005", "1.0", "2"));
        CHECK_FALSE(write("0001", "7.0", "2"));
        CHECK(desk.bench.meter.take_commands().empty());

        Desk kpm37{"kpm37"};
        const RegisterRow* ct = kpm37.bench.circuit().type().registers.find("ct");
        REQUIRE(ct != nullptr);
        const CommandAnswer got = kpm37.tell(
            "SYS_CFG",
            request(fmt::format(R"("addr":"{:04X}","value":"1.0","type":"2")", ct->address)));
        CHECK(got.remark ==
              fmt::format("register {:04X} (ct) is written with type 1 (integer)", ct->address));
        CHECK(kpm37.bench.setting("ct") == 1);
        CHECK(kpm37.bench.setting("demand_minutes") == 15);
    }

    TEST_CASE("the tunnel refuses what Modbus refuses, and what is no number") {
        Desk desk{"kpm33b"};
        const auto write = [&](const std::string& keys) {
            return desk.answer("SYS_CFG", request(keys));
        };
        const std::string refused = R"(MQTT_SYS_SET_REP {"code":"02"})";
        const std::string hundred_one = [] {
            std::string all = "1";
            for (int n = 0; n < 100; ++n)
                all += ";1";
            return all;
        }();
        for (const std::string& keys :
             {std::string{R"("addr":"FFF0","value":"1","type":"1")"},     // no such register
              std::string{R"("addr":"12","value":"1","type":"1")"},       // no four digits
              std::string{R"("addr":"00G1","value":"1","type":"1")"},     // … hexadecimal
              std::string{R"("addr":"0001","value":"1","type":"3")"},     // no such type
              std::string{R"("addr":"0001","value":"","type":"1")"},      // no number
              std::string{R"("addr":"0001","value":"1;;2","type":"1")"},  // … between
              std::string{R"("addr":"0001","value":"70000","type":"1")"}, // no register
              std::string{R"("addr":"0001","value":"inf","type":"2")"},   // no number
              R"("addr":"0001","value":")" + hundred_one + R"(","type":"1")",
              std::string{R"("value":"1","type":"1")"}}) {
            CAPTURE(keys);
            CHECK(write(keys) == refused);
        }
        CHECK(desk.bench.meter.take_commands().empty());
        for (const char* length : {"0", "101", "-1", "", "x"})
            CHECK(desk.answer("SYS_READ", request(std::string{R"("addr":"0000","lenth":")"} +
                                                  length + R"(","type":"1")"))
                      .find(R"("value":"")") != std::string::npos);
    }

    TEST_CASE("a month's freeze is recalled: what was done, then the readings") {
        Desk desk{"kpm37"};
        MeterState& state = desk.bench.states[0];
        state.energy[Energy::p_import] = test::wh(1'234'567);
        state.energy[Energy::q_export] = test::wh(89);
        state.energy[Energy::p_import_t2] = test::wh(1'000'001);
        EnergyHistory& months = desk.bench.meter.image().memory.months[0];
        months.close(state.energy); // the year's end
        state.energy[Energy::p_import] = test::wh(9'000'000);
        desk.bench.publish(test::civil("2026-01-12T16:39:00"));
        const auto recall = [&](const char* date) {
            return desk.tell("RECALL",
                             request(std::string{R"("date":")"} + date + R"(","oprtype":"2")"));
        };
        const CommandAnswer got = recall("202512");
        REQUIRE(got.messages.size() == 4);
        const std::string meter = R"({"id":")" + desk.bench.circuit().serial() + R"(",)";
        const std::string time = R"("time":"20260112163900","isend":")";
        const std::vector<std::string> expected{
            meter + R"("oprid":")" + id + R"(","code":"01","msg":"","frz_type":"2",)" + time +
                R"(0"})",
            meter +
                R"("frz_type":"2","zygdd":1234.567,"fygdd":0.000,"zwgdd":0.000,"fwgdd":0.089,)" +
                time + R"(0"})",
            meter +
                R"("frz_type":"2","zyjdd":0.000,"fyjdd":0.000,"zyfdd":1000.001,"fyfdd":0.000,)" +
                time + R"(0"})",
            meter + R"("frz_type":"2","zypdd":0.000,"fypdd":0.000,"zyvdd":0.000,"fyvdd":0.000,)" +
                time + R"(1"})"};
        for (std::size_t n = 0; n < 4; ++n) {
            CHECK(got.messages[n].topic == "MQTT_RECALL_REP");
            CHECK(got.messages[n].payload == expected[n]);
        }
        // What is refused hands nothing out, though the month is there.
        for (const char* const type : {R"("oprtype":"1")", R"("oprtype":2)", R"("other":"2")"}) {
            const CommandAnswer no =
                desk.tell("RECALL", request(std::string{R"("date":"202512",)"} + type));
            REQUIRE(no.messages.size() == 1);
            CHECK(no.messages[0].payload ==
                  meter + R"("oprid":")" + id +
                      R"x(","code":"02","msg":"oprtype is not 2 (monthly)","frz_type":"2",)x" +
                      time + R"(1"})");
        }
        for (const char* none : {"202601", "202511", "202613", "20261", "abcdef"}) {
            const CommandAnswer refused = recall(none);
            CAPTURE(none);
            REQUIRE(refused.messages.size() == 1);
            CHECK(refused.messages[0].payload.find(R"("code":"02","msg":")") != std::string::npos);
            CHECK(refused.messages[0].payload.ends_with(R"("isend":"1"})"));
        }

        MeterSpec gsm;
        gsm.serial = serial_number(test::library().find("kpm37")->serial, Carrier::gsm, 2025, 9, 1);
        // … and of a KPM312, whose packets are the same over both.
        MeterSpec four = gsm;
        four.serial =
            serial_number(test::library().find("kpm312")->serial, Carrier::gsm, 2025, 9, 1);
        Desk circuits{"kpm312", four};
        circuits.bench.meter.image().memory.months[2].close(state.energy);
        CHECK(circuits.tell("RECALL", request(R"("date":"202512","oprtype":"2")"), 2)
                  .messages.size() == 1);
        Desk over_4g{"kpm37", gsm};
        over_4g.bench.meter.image().memory.months[0].close(state.energy);
        const CommandAnswer whole =
            over_4g.tell("RECALL", request(R"("date":"202512","oprtype":"2")"));
        REQUIRE(whole.messages.size() == 1);
        CHECK(whole.messages[0].payload.starts_with(
            R"({"id":")" + gsm.serial + R"(","oprid":")" + id +
            R"(","code":"01","msg":"","frz_type":"2","zygdd":9000.000,)"));
        CHECK(whole.messages[0].payload.ends_with(R"(,"fyvdd":0.000,)" + time + R"(1"})"));
    }

    TEST_CASE("what is no request meets silence, with a word for whoever looks") {
        Desk desk{"kpm33b"};
        const std::string keys = R"("Cmd":"0000","types":"1")";
        const auto remark = [&](const std::string& payload) {
            const CommandAnswer got = desk.tell("COMMOD_READ", payload);
            CHECK(got.messages.empty());
            return got.remark;
        };
        CHECK(remark(request(keys, id.substr(1))) == "oprid is no text of 32 characters");
        CHECK(remark(request(keys, id + 'x')) == "oprid is no text of 32 characters");
        CHECK(remark("{" + keys + "}") == "oprid is no text of 32 characters");
        // Characters, not bytes.
        CHECK(remark(request(keys, id.substr(2) + "\u00e9")) ==
              "oprid is no text of 32 characters");
        const CommandAnswer accented =
            desk.tell("COMMOD_READ", request(keys, id.substr(1) + "\u00e9"));
        REQUIRE(accented.messages.size() == 1);
        CHECK(accented.messages[0].payload.find(id.substr(1) + "\u00e9") != std::string::npos);
        CHECK(remark(R"({"oprid":12345678901234567890123456789012})") ==
              "oprid is no text of 32 characters");
        CHECK(remark("") == "the payload is no JSON object");
        CHECK(remark("[" + request(keys) + "]") == "the payload is no JSON object");
        CHECK(remark(request(keys).substr(1)) == "the payload is no JSON object");
        CHECK(remark(request(keys + R"(,"x":")" + std::string(5000, 'x') + '"')).find("4096") !=
              std::string::npos);
        // Another's topic, and one that nobody has.
        CHECK(answer_command(desk.bench.circuit(), "MQTT_COMMOD_READ_25950028", request(keys))
                  .messages.empty());
        CHECK(answer_command(desk.bench.circuit(), "MQTT_RECALL" + desk.tail(),
                             request(keys)) // a KPM33B knows no RECALL

                  .messages.empty());
    }

    TEST_CASE("scalars that are no texts are no scalars of this protocol") {
        Desk desk{"kpm33b"};
        CHECK(desk.answer("COMMOD_SET", request(R"("Cmd":"0000","value":60,"types":1)")) ==
              R"(MQTT_COMMOD_SET_REP {"code":"02"})");
    }
}
