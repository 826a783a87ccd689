// What of the uploads hangs on a unit's firmware, its carrier and its site's zone.
#include "program_rig.hpp"

#include "models/faces/mqtt_commands.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::civil;
using test::ProgramRig;
using Json = nlohmann::json;

namespace {

MeterSpec over(const std::string& model, Carrier carrier) {
    MeterSpec spec;
    spec.serial = serial_number(test::library().find(model)->serial, carrier, 2026, 1, 1);
    return spec;
}

/// Circuit and number of packets of each upload of a topic.
std::vector<std::pair<int, std::size_t>> sent_of(const ProgramRig& rig, const std::string& topic) {
    std::vector<std::pair<int, std::size_t>> all;
    for (const ProgramRig::Sent& one : rig.sent)
        if (one.topic == topic)
            all.emplace_back(one.circuit, one.packets.size());
    return all;
}

std::vector<std::pair<int, std::size_t>> of_each_circuit(std::size_t packets) {
    return {{0, packets}, {1, packets}, {2, packets}, {3, packets}};
}

} // namespace

TEST_SUITE("exchange") {

    TEST_CASE(
        "A KPM312 sends its registers of 0:00 where its firmware does, each circuit its own") {
        for (const auto& [carrier, packets] : {std::pair{Carrier::wifi, 3U}, {Carrier::gsm, 1U}}) {
            CAPTURE(packets);
            MeterSpec spec = over("kpm312", carrier);
            ProgramRig silent{"kpm312", spec, civil("2026-01-30T23:59:30")};
            silent.run_to(civil("2026-01-31T00:00:30"));
            CHECK(sent_of(silent, "MQTT_DAY_DATA").empty());
            spec.firmware.add(Ruling::day_data);
            ProgramRig rig{"kpm312", spec, civil("2026-01-30T23:59:30")};
            rig.states[2].energy[Energy::p_import] = test::wh(1'500);
            rig.states[2].energy[Energy::p_export_t4] = test::wh(250);
            rig.run_to(civil("2026-01-31T00:00:30"));
            CHECK(sent_of(rig, "MQTT_DAY_DATA") == of_each_circuit(packets));
            const auto third = std::find_if(rig.sent.begin(), rig.sent.end(), [](const auto& one) {
                return one.topic == "MQTT_DAY_DATA" && one.circuit == 2;
            });
            REQUIRE(third != rig.sent.end());
            const Json first = Json::parse(third->packets.front());
            const Json last = Json::parse(third->packets.back());
            CHECK(first["id"] == circuit_serial(rig.spec.type->serial, rig.spec.serial, 2));
            CHECK(first["zygdd"] == 1.5);
            CHECK(last["fyvsz"] == 0.25);
            CHECK(last["time"] == "20260131000000");
            CHECK(last["isend"] == "1");
        }
    }

    TEST_CASE("A KPM312 over 4G uploads what it does over WiFi, each circuit under its own id") {
        ProgramRig wifi{"kpm312", over("kpm312", Carrier::wifi), civil("2026-01-12T16:39:30")};
        ProgramRig gsm{"kpm312", over("kpm312", Carrier::gsm), civil("2026-01-12T16:39:30")};
        CHECK(carrier_of(gsm.spec.type->serial, gsm.spec.serial) == Carrier::gsm);
        for (ProgramRig* const rig : {&wifi, &gsm}) {
            rig->states[3].readings[Slot::u_a] = 230.5;
            rig->states[3].energy[Energy::p_import] = test::wh(42);
            rig->run_to(civil("2026-01-12T16:40:01")); // minute, then second a second later
            CHECK(sent_of(*rig, "MQTT_RT_DATA") == of_each_circuit(4));
            CHECK(sent_of(*rig, "MQTT_ENY_NOW") == of_each_circuit(3));
        }
        REQUIRE(wifi.sent.size() == gsm.sent.size());
        for (std::size_t n = 0; n < gsm.sent.size(); ++n)
            for (std::size_t packet = 0; packet < gsm.sent[n].packets.size(); ++packet) {
                Json over_wifi = Json::parse(wifi.sent[n].packets[packet]);
                Json over_4g = Json::parse(gsm.sent[n].packets[packet]);
                CHECK(over_4g["id"] ==
                      circuit_serial(gsm.spec.type->serial, gsm.spec.serial, gsm.sent[n].circuit));
                over_wifi.erase("id");
                over_4g.erase("id");
                CHECK(over_wifi == over_4g);
            }
    }

    TEST_CASE("A KPM312 answers RECALL in four packets over WiFi, in one over 4G") {
        for (const auto& [carrier, messages] : {std::pair{Carrier::wifi, 4U}, {Carrier::gsm, 1U}}) {
            CAPTURE(messages);
            test::Bench b{"kpm312", over("kpm312", carrier)};
            b.states[1].energy[Energy::p_import] = test::wh(9000);
            b.publish(civil("2026-01-12T16:39:00"));
            b.meter.image().memory.months[1].close(b.states[1].energy);
            const std::string serial = b.circuit(1).serial();
            const CommandAnswer got = answer_command(
                b.circuit(1), "MQTT_RECALL_" + serial.substr(serial.size() - 8),
                R"({"oprid":"0123456789abcdef0123456789abcdef","date":"202512","oprtype":"2"})");
            REQUIRE(got.messages.size() == messages);
            CHECK(got.messages[messages == 1 ? 0 : 1].payload.find(R"("zygdd":9.000)") !=
                  std::string::npos);
            CHECK(got.messages.back().payload.ends_with(R"("isend":"1"})"));
        }
    }

    TEST_CASE("The moments of a KPM37's greatest demands go out as seconds of UTC") {
        MeterSpec spec;
        spec.ahead_of_utc = 8h;
        ProgramRig rig{"kpm37", spec, civil("2026-01-12T16:39:30")};
        const CivilTime was = civil("2026-01-12T15:30:00"); // by its clock; at Greenwich 07:30
        rig.states[0].demand[Demand::p_max_time] =
            static_cast<double>(was.time_since_epoch().count());
        rig.run_to(civil("2026-01-12T16:40:00"));
        const auto energies = std::find_if(rig.sent.begin(), rig.sent.end(), [](const auto& one) {
            return one.topic == "MQTT_ENY_NOW";
        });
        REQUIRE(energies != rig.sent.end());
        const Json demand = Json::parse(energies->packets.at(4));
        const auto utc = civil("2026-01-12T07:30:00").time_since_epoch().count();
        CHECK(demand["dmpmaxoct"] == std::to_string(utc));
        CHECK(demand["dmsmaxoct"] == "0"); // there was none
        // On Modbus it is that of its clock.
        CHECK(rig.number("demand_p_max_time", civil("2026-01-12T16:40:00")) ==
              static_cast<double>(was.time_since_epoch().count()));
    }
}
