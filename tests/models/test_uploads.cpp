#include "program_rig.hpp"

#include "models/faces/whole_turn.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

using namespace kpmsim;
using test::civil;
using test::packets_of;
using test::ProgramRig;
using Json = nlohmann::ordered_json;

namespace {

/// The readings of a real KPM33B at 16:39 on 12 January 2026, in the units of the catalogue.
MeterState captured_readings() {
    MeterState s;
    const std::map<std::string, double> values{
        {"i_a", 9.735},         {"i_b", 9.658},         {"i_c", 9.655},
        {"u_a", 229.097},       {"u_b", 231.567},       {"u_c", 232.529},
        {"u_ab", 398.949},      {"u_bc", 401.920},      {"u_ca", 399.784},
        {"p_a", 2222.9},        {"p_b", 2229.3},        {"p_c", 2238.2},
        {"p", 6690.5},          {"q_a", -164.8},        {"q_b", -164.9},
        {"q_c", -163.2},        {"q", -493.0},          {"s_a", 2230.4},
        {"s_b", 2236.6},        {"s_c", 2245.2},        {"s", 6712.2},
        {"pf_a", 0.99664},      {"pf_b", 0.99674},      {"pf_c", 0.99688},
        {"pf", 0.99677},        {"f", 49.959},          {"angle_u_a", 0},
        {"angle_u_b", 239.774}, {"angle_u_c", 119.874}, {"angle_i_a", 355.691},
        {"angle_i_b", 235.434}, {"angle_i_c", 115.615}, {"unb_u", 1.485},
        {"unb_i", 0.823}};
    for (const auto& [name, value] : values) {
        const auto q = find_quantity(name);
        REQUIRE(q);
        s.readings.value[info(*q).slot] = value;
    }
    s.demand[Demand::p] = 6689.8;
    s.demand[Demand::q] = -497.1;
    s.demand[Demand::s] = 6711.8;
    s.demand[Demand::i_a] = 9.6838;
    s.demand[Demand::i_b] = 9.6380;
    s.demand[Demand::i_c] = 9.6717;
    return s;
}

std::vector<std::string> keys(const std::string& packet) {
    std::vector<std::string> all;
    const Json json = Json::parse(packet);
    for (const auto& [key, value] : json.items())
        all.push_back(key);
    return all;
}

/// "id ua ub time isend"
std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> all(1);
    for (const char c : text)
        if (c == ' ')
            all.emplace_back();
        else
            all.back().push_back(c);
    return all;
}

/// Second of the site, topic and stamp of what is sent after `from` up to `to`.
std::vector<std::string> sent_between(ProgramRig& rig, const std::string& from,
                                      const std::string& to) {
    rig.run_to(civil(from));
    rig.sent.clear();
    rig.run_to(civil(to));
    std::vector<std::string> all;
    for (const ProgramRig::Sent& each : rig.sent)
        all.push_back(iso_text(civil_time(rig.start, each.at)).substr(11) + " " + each.topic + " " +
                      iso_text(each.stamp).substr(11));
    return all;
}

/// How often each topic went out with each stamp.
std::map<std::string, int> counted(const ProgramRig& rig) {
    std::map<std::string, int> sent;
    for (const ProgramRig::Sent& each : rig.sent)
        ++sent[each.topic + iso_text(each.stamp)];
    return sent;
}

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE("A KPM33B's realtime packet is the captured one to the byte") {
        const UploadTopic& topic = test::library().find("kpm33b")->upload.realtime;
        const auto sent = packets_of("kpm33b", topic, "33B1225950027", captured_readings(),
                                     civil("2026-01-12T16:39:00"));
        REQUIRE(sent.size() == 1);
        CHECK(topic.topic == "MQTT_RT_DATA");
        CHECK(
            sent[0] ==
            R"({"id":"33B1225950027","ia":9.735,"ib":9.658,"ic":9.655,"ua":229.097,"ub":231.567,)"
            R"("uc":232.529,"uab":398.949,"ubc":401.920,"uca":399.784,"pa":2.2229,"pb":2.2293,)"
            R"("pc":2.2382,"zyggl":6.6905,"qa":-0.1648,"qb":-0.1649,"qc":-0.1632,"zwggl":-0.4930,)"
            R"("sa":2.2304,"sb":2.2366,"sc":2.2452,"zszgl":6.7122,"pfa":0.996,"pfb":0.996,)"
            R"("pfc":0.996,"zglys":0.996,"f":49.959,"uxja":0.000,"uxjb":239.774,"uxjc":119.874,)"
            R"("ixja":355.691,"ixjb":235.434,"ixjc":115.615,"unb":1.485,"inb":0.823,"pdm":6.6898,)"
            R"("qdm":-0.4971,"sdm":6.7118,"iadm":9.6838,"ibdm":9.6380,"icdm":9.6717,)"
            R"("time":"20260112163900","isend":"1"})");
    }

    TEST_CASE("A KPM33B's energy packet is the captured one to the byte") {
        MeterState s;
        s.energy[Energy::p_import] = test::wh(163486);
        s.energy[Energy::q_export] = test::wh(11085);
        s.energy[Energy::s] = test::wh(164331);
        s.energy[Energy::p_import_t1] = test::wh(8668);
        s.energy[Energy::p_import_t2] = test::wh(25344);
        s.energy[Energy::p_import_t3] = test::wh(60573);
        // Cut, not rounded: all but a microjoule of the next watt-hour is still this one.
        s.energy[Energy::p_import_t4] = {68898, EnergyCount::uj_per_wh * 9 / 10};
        const auto sent = packets_of("kpm33b", test::library().find("kpm33b")->upload.energy,
                                     "33B1225950027", s, civil("2026-01-17T21:15:00"));
        REQUIRE(sent.size() == 1);
        CHECK(sent[0] ==
              R"({"id":"33B1225950027","zygsz":163.486,"fygsz":0.000,"zwgsz":0.000,"fwgsz":11.085,)"
              R"("zszsz":164.331,"zyjsz":8.668,"fyjsz":0.000,"zyfsz":25.344,"fyfsz":0.000,)"
              R"("zypsz":60.573,"fypsz":0.000,"zyvsz":68.898,"fyvsz":0.000,"zydvsz":0.000,)"
              R"("fydvsz":0.000,"time":"20260117211500","isend":"1"})");
    }

    TEST_CASE("A KPM37 sends its registers at 0:00, and once more when its month closes") {
        const auto other_topics = [](ProgramRig& rig, const char* from, const char* to) {
            std::vector<std::string> all = sent_between(rig, from, to);
            std::erase_if(all, [](const std::string& line) {
                return line.find("RT_DATA") != std::string::npos;
            });
            return all;
        };
        ProgramRig rig{"kpm37", {}, civil("2026-01-30T12:00:00")};
        rig.states[0].energy[Energy::p_import] = test::wh(1'500);
        CHECK(other_topics(rig, "2026-01-30T23:59:00", "2026-01-31T00:04:00") ==
              std::vector<std::string>{"00:00:00 MQTT_ENY_NOW 00:00:00",
                                       "00:00:00 MQTT_DAY_DATA 00:00:00"});
        CHECK(other_topics(rig, "2026-01-31T23:59:00", "2026-02-01T00:04:00") ==
              std::vector<std::string>{"00:00:00 MQTT_ENY_FRZ 00:00:00",
                                       "00:00:00 MQTT_ENY_NOW 00:00:00",
                                       "00:00:00 MQTT_DAY_DATA 00:00:00"});
        const auto day = std::find_if(rig.sent.begin(), rig.sent.end(), [](const auto& each) {
            return each.topic == "MQTT_DAY_DATA";
        });
        REQUIRE(day->packets.size() == 3);
        CHECK(
            day->packets[0].find(
                R"(,"zygdd":1.500,"fygdd":0.000,"zwgdd":0.000,"fwgdd":0.000,"time":"20260201000000","isend":"0"})") !=
            std::string::npos);
        CHECK(day->packets[2].ends_with(R"("isend":"1"})"));
    }

    TEST_CASE("Numbers on MQTT: cut where real meters cut, no minus before a zero") {
        MeterState s;
        s.readings[Slot::pf_a] = -0.99999;
        s.readings[Slot::pf_b] = 1.0 - 1e-12; // P / S of a resistor, one rounding below 1
        s.readings[Slot::pf_c] = 0.996;       // the nearest float is a little below
        s.readings[Slot::q_a] = -0.01;        // -0.00001 kvar
        s.readings[Slot::q_b] = -0.1;
        const std::string json =
            packets_of("kpm33b", test::library().find("kpm33b")->upload.realtime, "x", s,
                       civil("2026-01-01T00:00:00"))[0];
        CHECK(json.find(R"("pfa":-0.999,"pfb":1.000,"pfc":0.996)") != std::string::npos);
        CHECK(json.find(R"("qa":0.0000,"qb":-0.0001)") != std::string::npos);
    }

    TEST_CASE("An angle that rounds to a whole turn is 0") {
        MeterState s;
        s.readings[Slot::angle_i_a] = 359.9999999;
        s.readings[Slot::angle_i_b] = 359.9996;
        s.readings[Slot::angle_i_c] = 359.9994;
        const std::string json =
            packets_of("kpm33b", test::library().find("kpm33b")->upload.realtime, "x", s,
                       civil("2026-01-01T00:00:00"))[0];
        CHECK(json.find(R"("ixja":0.000,"ixjb":0.000,"ixjc":359.999)") != std::string::npos);
        const PointTable& points = test::library().find("kpm33b")->points;
        const Point& degrees = points[*points.find("angle_i_a")];
        CHECK(less_whole_turn(degrees, 359.99999, 0x1p-15) == 0); // the nearest float is 360
        CHECK(less_whole_turn(degrees, 359.99997, 0x1p-15) == 359.99997);
        CHECK(less_whole_turn(degrees, 359.96, 0.1) == 0);
        CHECK(less_whole_turn(degrees, 359.94, 0.1) == 359.94);
        CHECK(less_whole_turn(Point{}, 380, 0.1) == 380);
    }

    TEST_CASE("A KPM37 over WiFi splits as V1.9 lists it; only the last packet ends the upload") {
        const UploadPlan& plan = test::library().find("kpm37")->upload;
        MeterState s;
        s.demand[Demand::p_max_time] = 1767225600;
        const CivilTime t = civil("2026-01-12T16:39:00");
        const std::vector<std::string> realtime{"id ua ub uc ia ib time isend",
                                                "id ic uab ubc uca pa time isend",
                                                "id pb pc zyggl qa qb time isend",
                                                "id qc zwggl sa sb sc time isend",
                                                "id zszgl pfa pfb pfc zglys f time isend",
                                                "id u0 u+ u- i0 i+ i- time isend",
                                                "id uxja uxjb uxjc ixja ixjb ixjc time isend",
                                                "id unb inb pdm qdm sdm time isend"};
        const std::vector<std::string> energy{
            "id zygsz fygsz zwgsz fwgsz time isend",
            "id zyjsz fyjsz zyfsz fyfsz time isend",
            "id zypsz fypsz zyvsz fyvsz time isend",
            "id zydvsz fydvsz zy6sz fy6sz time isend",
            "id dmpmax dmpmaxoct dmsmax dmsmaxoct time isend",
            "id uathd ubthd ucthd iathd ibthd icthd time isend",
            "id uaxbl3 ubxbl3 ucxbl3 iaxbl3 ibxbl3 icxbl3 time isend",
            "id uaxbl5 ubxbl5 ucxbl5 iaxbl5 ibxbl5 icxbl5 time isend",
            "id uaxbl7 ubxbl7 ucxbl7 iaxbl7 ibxbl7 icxbl7 time isend",
            "id iaxb3 ibxb3 icxb3 iaxb5 ibxb5 icxb5 time isend",
            "id iaxb7 ibxb7 icxb7 time isend"};
        for (const auto& [topic, expected] :
             {std::pair{plan.realtime, realtime}, std::pair{plan.energy, energy}}) {
            const auto sent = packets_of("kpm37", topic, "3071225900001", s, t);
            REQUIRE(sent.size() == expected.size());
            for (std::size_t n = 0; n < sent.size(); ++n) {
                CHECK(keys(sent[n]) == words(expected[n]));
                CHECK(Json::parse(sent[n])["isend"] == (n + 1 == sent.size() ? "1" : "0"));
            }
        }
        // Unix seconds in quotes: the consumer that accepts only these is the pickier one.
        CHECK(packets_of("kpm37", plan.energy, "x", s, t)[4].find(R"("dmpmaxoct":"1767225600")") !=
              std::string::npos);
    }

    TEST_CASE("A KPM37 over 4G sends the same keys in two and three packets") {
        const MeterType& type = *test::library().find("kpm37");
        const UploadPlan& gsm = upload_plan(type, "3071125900001");
        CHECK(gsm.realtime.packets.size() == 2);
        CHECK(gsm.energy.packets.size() == 3);
        CHECK(&upload_plan(type, "3071225900001") == &type.upload);
        const auto flat = [](const UploadTopic& topic) {
            std::vector<std::string> all;
            for (const auto& packet : topic.packets)
                for (const UploadField& field : packet)
                    all.push_back(field.key);
            std::sort(all.begin(), all.end());
            return all;
        };
        CHECK(flat(gsm.realtime) == flat(type.upload.realtime));
        CHECK(flat(gsm.energy) == flat(type.upload.energy));
        CHECK(gsm.realtime.packets[0].back().key == "f");
        for (const auto topic : {&UploadPlan::day, &UploadPlan::freeze, &UploadPlan::recall}) {
            CHECK((gsm.*topic).packets.size() == 1);
            CHECK(flat(gsm.*topic) == flat(type.upload.*topic));
        }
        // What a type spreads no other way over 4G it sends as over WiFi.
        const MeterType& circuits = *test::library().find("kpm312");
        const UploadPlan& some = upload_plan(circuits, "3121125900001");
        CHECK(&some == &circuits.upload_4g);
        CHECK(some.recall.packets.size() == 1);
        CHECK(circuits.upload.recall.packets.size() == 3);
        CHECK(some.realtime.packets.size() == circuits.upload.realtime.packets.size());
        CHECK(some.energy.packets.size() == circuits.upload.energy.packets.size());
        CHECK(some.change.messages.size() == 1);
        // A type without a 4G plan sends its only one.
        const MeterType& b = *test::library().find("kpm33b");
        CHECK(&upload_plan(b, "33B1125950027") == &b.upload);
    }

    TEST_CASE(
        "Each circuit of a KPM312 uploads its own readings under its own id, in packets that end "
        "as captured") {
        MeterSpec spec;
        spec.serial = "31212257C0336";
        spec.settings = {{"second_interval_s", {}, 30}};
        ProgramRig rig{"kpm312", spec, civil("2025-11-14T19:06:10")};
        rig.states[1].readings[Slot::temp] = -176.637;
        rig.states[1].readings[Slot::unb_u] = 0.123;
        rig.run_to(civil("2025-11-14T19:06:30"));
        REQUIRE(rig.sent.size() == 4); // circuit after circuit
        const ProgramRig::Sent& second = rig.sent[1];
        CHECK(second.circuit == 1);
        CHECK(second.topic == "MQTT_RT_DATA");
        REQUIRE(second.packets.size() == 4);
        for (const std::string& each : second.packets)
            CHECK(Json::parse(each)["id"] == "31212257C0337");
        CHECK(second.packets.back() ==
              R"({"id":"31212257C0337","pfa":0.000,"pfb":0.000,"pfc":0.000,"zglys":0.000,)"
              R"("pdm":0.0000,"qdm":0.0000,"sdm":0.0000,"unb":0.123,"inb":0.000,"temp":-176.637,)"
              R"("time":"20251114190630","isend":"1"})");
    }

    TEST_CASE("Over an hour the uploads stand on the grid, energies first on a full minute") {
        MeterSpec spec;
        spec.settings = {{"minute_interval_min", {}, 5}, {"second_interval_s", {}, 30}};
        ProgramRig rig{"kpm33b", spec, civil("2026-01-12T15:59:59")};
        CHECK(sent_between(rig, "2026-01-12T16:39:59", "2026-01-12T16:41:00") ==
              std::vector<std::string>{
                  "16:40:00 MQTT_ENY_NOW 16:40:00", "16:40:01 MQTT_RT_DATA 16:40:00",
                  "16:40:30 MQTT_RT_DATA 16:40:30", "16:41:00 MQTT_RT_DATA 16:41:00"});
        ProgramRig hour{"kpm33b", spec, civil("2026-01-12T15:59:59")};
        hour.run_to(civil("2026-01-12T16:59:59"));
        const auto sent = counted(hour);
        CHECK(sent.size() == 120 + 12);
        for (const auto& each : sent)
            CHECK_MESSAGE(each.second == 1, each.first);
    }

    TEST_CASE("The grid is that of the meter's own clock, right or wrong") {
        MeterSpec spec;
        spec.clock_offset_s = -(4 * 60 + 11); // the captured one: 11:26:11 was 11:22:00
        spec.settings = {{"minute_interval_min", {}, 1}, {"second_interval_s", {}, 30}};
        ProgramRig rig{"kpm33b", spec, civil("2026-01-12T11:00:00")};
        CHECK(sent_between(rig, "2026-01-12T11:25:45", "2026-01-12T11:26:41") ==
              std::vector<std::string>{"11:26:11 MQTT_ENY_NOW 11:22:00",
                                       "11:26:12 MQTT_RT_DATA 11:22:00",
                                       "11:26:41 MQTT_RT_DATA 11:22:30"});
    }

    TEST_CASE(
        "A clock that runs fast or slow leaves no moment of the grid out and sends none twice") {
        for (const double error : {1.0 / 100, -1.0 / 100}) { // passes a grid second now and then
            MeterSpec spec;
            spec.clock_error = error;
            spec.clock_since = civil("2026-01-12T16:00:00");
            spec.settings = {{"minute_interval_min", {}, 1}, {"second_interval_s", {}, 30}};
            ProgramRig rig{"kpm33b", spec, spec.clock_since};
            rig.run_to(civil("2026-01-12T17:59:59"));
            const auto sent = counted(rig);
            // Two hours and 72 s, or less 72 s, the energies of the very first second left out; the last
            // realtime packets are still due.
            CHECK(sent.size() == (error > 0 ? 243 + 121 : 238 + 118));
            for (const auto& each : sent)
                CHECK_MESSAGE(each.second == 1, each.first);
        }
    }

    TEST_CASE("A day's energies go out at midnight, and a meter without MQTT sends nothing") {
        MeterSpec spec;
        spec.settings = {{"minute_interval_min", {}, 1440}, {"second_interval_s", {}, 3600}};
        ProgramRig rig{"kpm37", spec, civil("2026-01-12T12:00:00")};
        rig.run_to(civil("2026-01-13T12:00:00"));
        std::size_t energies = 0;
        for (const ProgramRig::Sent& each : rig.sent)
            energies += each.topic == "MQTT_ENY_NOW" ? each.packets.size() : 0U;
        CHECK(energies == 11);
        ProgramRig k53{"kpm53", {}, civil("2026-01-12T12:00:00")};
        k53.run_to(civil("2026-01-13T12:00:00"));
        CHECK(k53.sent.empty());
    }
}
