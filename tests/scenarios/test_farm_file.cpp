// What a right file comes to, and that the reference page knows every key.
#include "farms.hpp"
#include "folder.hpp"

#include "files/text_file.hpp"

#include "models/faces/registers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>

using namespace kpmsim;
using test::mistakes_of;
using test::with_meter;

namespace {

/// The keys that a table takes, from what it says to a key that it does not.
std::vector<std::string> keys_in(const std::string& answer) {
    std::vector<std::string> keys;
    const std::size_t at = answer.find("; known: ");
    REQUIRE_MESSAGE(at != std::string::npos, answer);
    std::string list = answer.substr(at + 9, answer.find('\n', at) - at - 9);
    for (std::size_t from = 0; from < list.size();) {
        const std::size_t to = std::min(list.find(", ", from), list.size());
        keys.push_back(list.substr(from, to - from));
        from = to + 2;
    }
    return keys;
}

double setting(const MeterPlan& meter, const std::string& name) {
    for (const Preset& each : meter.spec.settings)
        if (each.name == name)
            return meter.spec.type->setting(name)->shown(each.value);
    FAIL("not set: " << name);
    return 0;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a farm meters by samples unless its file asks for windows") {
        const auto fidelity = [](const std::string& line) {
            return parse_farm("[farm]\n" + line + "[supply.s]\n[[meter]]\nname = \"m\"\n" +
                                  "model = \"kpm33b\"\n",
                              "f.toml", test::types())
                .fidelity;
        };
        CHECK(fidelity("") == Fidelity::sample);
        CHECK(fidelity("fidelity = \"sample\"\n") == Fidelity::sample);
        CHECK(fidelity("fidelity = \"window\"\n") == Fidelity::window);
        CHECK(
            test::mistakes_of("[farm]\nfidelity = \"high\"\n") ==
            "f.toml:2:12: unknown fidelity \"high\"; write \"sample\", or \"window\" to jump over "
            "windows in which nothing changes");
    }

    TEST_CASE("the quickstart is a farm of all four models on two lines, TCP and MQTT") {
        const FarmPlan plan = load_farm(test::source("examples/quickstart.toml"), test::types());
        std::set<std::string> models;
        std::set<std::string> lines;
        int units = 0;
        for (const MeterPlan& meter : plan.meters) {
            models.insert(meter.spec.type->name);
            lines.insert(meter.buses.begin(), meter.buses.end());
            units += meter.spec.type->circuits;
        }
        CHECK(models == std::set<std::string>{"kpm312", "kpm33b", "kpm37", "kpm53"});
        CHECK(lines == std::set<std::string>{"line1", "line2"});
        CHECK(units >= 24);
        CHECK(std::any_of(
            plan.loads.begin(), plan.loads.end(),
            [](const LoadPlan& load) { return load.spec.kind == LoadKind::pv_inverter; }));
        CHECK(std::any_of(plan.loads.begin(), plan.loads.end(), [](const LoadPlan& load) {
            return load.spec.kind == LoadKind::profile && load.spec.profile.rows().size() > 10;
        }));
    }

    TEST_CASE("every key that the loader takes is on the reference page") {
        std::vector<Mistake> mistakes;
        const auto page = read_text(test::source("docs/reference/farm-file.md"), mistakes);
        REQUIRE(page.has_value());
        const std::string wrong = "qqqqqqqqqqqq = 1\n";
        const std::vector<std::pair<std::string, std::string>> tables{
            {"", wrong},
            {"farm", "[farm]\n" + wrong},
            {"supply", "[supply.s]\n" + wrong},
            {"supply", "[supply.s]\nunbalance." + wrong},
            {"supply", "[supply.s]\nharmonics." + wrong},
            {"supply", "[supply.s]\ndrift." + wrong},
            {"supply",
             "[supply.s]\ninterharmonics = [{ f = \"175 Hz\", u = \"1 %\", q_q_q_q = 1 }]\n"},
            {"disturbance", "[[supply.s.disturbance]]\nkind = \"dip\"\n" + wrong},
            {"disturbance", "[[supply.s.disturbance]]\nkind = \"swell\"\n" + wrong},
            {"disturbance", "[[supply.s.disturbance]]\nkind = \"rapid-change\"\n" + wrong},
            {"disturbance", "[[supply.s.disturbance]]\nkind = \"flicker\"\n" + wrong},
            {"disturbance", "[[supply.s.disturbance]]\nkind = \"frequency\"\n" + wrong},
            {"disturbance", "[[supply.s.disturbance]]\nkind = \"notches\"\n" + wrong},
            {"disturbance", "[[supply.s.disturbance]]\nkind = \"oscillatory-transient\"\n" + wrong},
            {"disturbance", "[[supply.s.disturbance]]\nkind = \"impulsive-transient\"\n" + wrong},
            {"recorded supply", "[supply.s]\nrecording = \"x.cfg\"\n" + wrong},
            {"recorded supply", "[supply.s]\nrecording = \"x.cfg\"\nchannels." + wrong},
            {"recorded load", "[load.l]\nrecording = \"x.cfg\"\n" + wrong},
            {"recorded load", "[load.l]\nrecording = \"x.cfg\"\nchannels." + wrong},
            {"load", "[load.l]\np = \"1 kW\"\n" + wrong},
            {"load", "[load.l]\nburst." + wrong},
            {"load", "[load.l]\np = \"1 kW\"\nharmonics." + wrong},
            {"bus", "[bus.b]\n" + wrong},
            {"hook", "[[hook]]\n" + wrong},
            {"meter", with_meter("model = \"kpm312\"\n" + wrong)},
            {"meter", with_meter("model = \"kpm312\"\nadc." + wrong)},
            {"meter", with_meter("model = \"kpm312\"\nadc.u." + wrong)},
        };
        std::size_t found = 0;
        for (const auto& [name, text] : tables) {
            const std::string table = name;
            for (const std::string& key : keys_in(mistakes_of(text))) {
                CHECK_MESSAGE(page->find('`' + key + '`') != std::string::npos, table, ": ", key);
                ++found;
            }
        }
        CHECK(found > 130);
        for (int kind = 0; kind <= static_cast<int>(LoadKind::test_wave); ++kind) {
            const std::string name{name_of(static_cast<LoadKind>(kind))};
            CHECK_MESSAGE(page->find('`' + name + '`') != std::string::npos, name);
        }
    }

    TEST_CASE("a supply is what its table says") {
        const FarmPlan plan =
            parse_farm("[supply.s]\n"
                       "u = \"10 kV\"\n"
                       "f = \"59.9 Hz\"\n"
                       "rotation = \"acb\"\n"
                       "unbalance.magnitude = [\"100 %\", \"98 %\", \"101 %\"]\n"
                       "harmonics = { u = { 5 = \"2.5 % @ 180deg\" }, u_b = { 3 = "
                       "\"1 %\" } }\n"
                       "interharmonics = [{ f = \"175 Hz\", u = \"0.5 %\" }]\n"
                       "dc = \"1 V\"\nnoise = \"50 mV\"\n"
                       "drift = { u = \"0.5 %\", u_time = \"5 min\", f = \"10 mHz\" }\n"
                       "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n",
                       "f.toml", test::types());
        const SupplySpec& s = plan.supplies.at(0).spec;
        CHECK(s.u_v == 10000.0);
        CHECK(s.f_hz == 59.9);
        CHECK(s.angle_deg == std::array<double, 3>{0, 120, -120});
        CHECK(s.magnitude == std::array<double, 3>{1.0, 0.98, 1.01});
        REQUIRE(s.harmonics.size() == 1);
        CHECK(s.harmonics[0].order == 5);
        CHECK(s.harmonics[0].fraction == 0.025);
        CHECK(s.harmonics[0].angle_deg == 180.0);
        REQUIRE(s.phase_harmonics[1].size() == 1);
        CHECK(s.phase_harmonics[1][0].order == 3);
        REQUIRE(s.interharmonics.size() == 1);
        CHECK(s.interharmonics[0].hz == 175.0);
        CHECK(s.interharmonics[0].fraction == 0.005);
        CHECK(s.dc_v == 1.0);
        CHECK(s.noise_v == 0.05);
        CHECK(s.u_drift.deviation == 0.005);
        CHECK(s.u_drift.time_constant_s == 300.0);
        CHECK(s.f_drift.deviation == 0.01);
        CHECK(s.f_drift.time_constant_s == 60.0);
    }

    TEST_CASE("a meter is told the real ratios, unless its settings say otherwise") {
        const FarmPlan plan =
            parse_farm(with_meter("model = \"kpm37\"\nct = \"400/5 A\"\n"
                                  "pt = \"10000/100 V\"\n"
                                  "[[meter]]\nname = \"wrong\"\nmodel = \"kpm37\"\n"
                                  "ct = \"400/5 A\"\nsettings.ct = 40.5\n"
                                  "settings.second_interval_s = 300\n"),
                       "f.toml", test::types());
        CHECK(plan.meters[0].wiring.ct_ratio[0] == 80.0);
        CHECK(setting(plan.meters[0], "ct") == 80.0);
        CHECK(plan.meters[0].wiring.pt_ratio == 100.0);
        CHECK(setting(plan.meters[0], "pt") == 100.0);
        CHECK(plan.meters[1].wiring.ct_ratio[0] == 80.0);
        CHECK(setting(plan.meters[1], "ct") == 40.5);
        CHECK(setting(plan.meters[1], "second_interval_s") == 300.0);
    }

    TEST_CASE("a line's speed and format are set on its meters") {
        const FarmPlan plan =
            parse_farm("[supply.s]\n[bus.b]\nbaud = 19200\nformat = \"8E1\"\n"
                       "[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\nbus = \"b\"\n",
                       "f.toml", test::types());
        CHECK(setting(plan.meters[0], "baud") == 19200.0);
        CHECK(setting(plan.meters[0], "format") == 0.0);
        CHECK(plan.buses[0].pty == "run/b");
    }

    TEST_CASE("what the site's clock is ahead of UTC is its meters' to know") {
        const auto ahead = [](const std::string& farm) {
            return parse_farm(farm + "[supply.s]\n[[meter]]\nname = \"m\"\nmodel = \"kpm37\"\n",
                              "f.toml", test::types())
                .meters[0]
                .spec.ahead_of_utc;
        };
        CHECK(ahead("").count() == 0);
        CHECK(ahead("farm.zone = \"+05:30\"\n").count() == 330);
        CHECK(ahead("farm.zone = \"-03:00\"\n").count() == -180);
    }

    TEST_CASE("serial numbers count up by model, four at a time for a KPM312") {
        const FarmPlan plan =
            parse_farm("farm.start = \"2025-10-05T00:00:00\"\n[supply.s]\n"
                       "[[meter]]\nname = \"a{n}\"\nmodel = \"kpm312\"\ncount = 2\nmqtt = true\n"
                       "[[meter]]\nname = \"b\"\nmodel = \"kpm312\"\noptions = \"1A-4G\"\n"
                       "[[meter]]\nname = \"c\"\nmodel = \"kpm33b\"\nserial = \"33B1025A50001\"\n"
                       "[[meter]]\nname = \"d{n}\"\nmodel = \"kpm33b\"\ncount = 2\n",
                       "f.toml", test::types());
        std::string serials;
        for (const MeterPlan& meter : plan.meters)
            serials += meter.spec.serial + ' ';
        // Abroad, WiFi (2) or 4G (1) or wired (0), 2025, October (A); what is written is left out.
        CHECK(serials == "3121225AC0001 3121225AC0005 3121125AC0009 33B1025A50001 33B1025A50002 "
                         "33B1025A50003 ");
    }

    TEST_CASE("what a KPM312's plate does not name is not there; without a plate everything is") {
        struct Plate {
            std::string keys;
            bool inputs, relays;
        };
        for (const Plate& plate : {Plate{"", true, true}, Plate{"rating = \"B\"\n", true, true},
                                   Plate{"options = \"1A2A\"\n", false, false},
                                   Plate{"options = \"1A2A-K-Wi\"\n", true, false},
                                   Plate{"options = \"1A2A3A4A-T-R\"\n", false, true},
                                   Plate{"options = \"1A-R-K\"\n", true, true}}) {
            const FarmPlan plan = parse_farm(with_meter("model = \"kpm312\"\n" + plate.keys),
                                             "f.toml", test::types());
            Meter meter{plan.meters[0].spec};
            for (Circuit& circuit : meter.circuits()) { // of a circuit that is not named, too
                bool bit[1] = {};
                CHECK(bool{read_inputs(circuit, 1, bit)} == plate.inputs);
                CHECK(bool{read_coils(circuit, 1, bit)} == plate.relays);
                const bool closed[1] = {true};
                const auto done = write_coils(circuit, 1, closed);
                CHECK(bool{done} == plate.relays);
                if (!plate.relays)
                    CHECK(done.error() == Refusal::unknown);
            }
        }
    }

    TEST_CASE("a model that was copied from another one counts its serial numbers on with it") {
        namespace fs = std::filesystem;
        const test::Folder folder;
        fs::copy(test::source("models/kpm312"), folder / "mine", fs::copy_options::recursive);
        const TypeLibrary library = TypeLibrary::with_folder(folder.path());
        const FarmPlan plan =
            parse_farm("farm.start = \"2025-10-05T00:00:00\"\n[supply.s]\n"
                       "[[meter]]\nname = \"a\"\nmodel = \"kpm312\"\n"
                       "[[meter]]\nname = \"b{n}\"\nmodel = \"mine\"\ncount = 2\n"
                       "[[meter]]\nname = \"c\"\nmodel = \"kpm312\"\n"
                       "[[meter]]\nname = \"d\"\nmodel = \"mine\"\nserial = \"3121025AC0006\"\n",
                       "f.toml", library);
        std::string serials;
        for (const MeterPlan& meter : plan.meters)
            serials += meter.spec.serial + ' ';
        // 0005 would meet the written 0006 to 0009
        CHECK(serials == "3121025AC0001 3121025AC0013 3121025AC0017 3121025AC0021 3121025AC0006 ");
    }

    TEST_CASE("phases, circuits and reversed transformers land where they are written") {
        const FarmPlan plan =
            parse_farm(with_meter("model = \"kpm312\"\nloads = [\"none\", \"x\"]\n"
                                  "u_phase = \"bca\"\ni_phase = [\"abc\", \"acb\"]\n"
                                  "ct_reversed = [[], [\"c\"]]\nu_open = [\"b\"]\n"
                                  "adc = { noise = \"0.001 %\", i = { gain_error = \"0.2 %\", "
                                  "phase_error = \"0.5 deg\" } }\n"
                                  "clock_offset = \"-4 min\"\n"),
                       "f.toml", test::types());
        const MeterPlan& meter = plan.meters.at(0);
        CHECK(meter.loads == std::array<std::string, max_circuits>{"", "x", "", ""});
        CHECK(meter.wiring.u_phase == std::array<int, 3>{1, 2, 0});
        CHECK(meter.wiring.i_phase[0] == std::array<int, 3>{0, 1, 2});
        CHECK(meter.wiring.i_phase[1] == std::array<int, 3>{0, 2, 1});
        CHECK(meter.wiring.ct_reversed[1] == std::array<bool, 3>{false, false, true});
        CHECK(meter.wiring.u_open == std::array<bool, 3>{false, true, false});
        CHECK(meter.u_errors.noise_rms == 1e-5);
        CHECK(meter.i_errors.noise_rms == 1e-5);
        CHECK(meter.u_errors.gain_error == 0.0);
        CHECK(meter.i_errors.gain_error == 0.002);
        CHECK(meter.i_errors.phase_error_rad == doctest::Approx(0.00872664625997).epsilon(1e-12));
        CHECK(meter.spec.clock_offset_s == -240);
    }
}
