// Each wrong file with its whole answer: place, what is wrong, and the cure.
#include "farms.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace kpmsim;
using test::mistakes_of;
using test::with_meter;

TEST_SUITE("unit") {
    TEST_CASE("a right file has no mistakes") {
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\nload = \"x\"\nbus = \"line1\"\n")) == "");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nloads = [\"none\", \"x\"]\n")) == "");
    }

    TEST_CASE("mistakes everywhere are told at once, in the order of the file") {
        CHECK(mistakes_of("[farm]\n"
                          "sed = 1\n"
                          "clock = \"fast\"\n"
                          "start = \"today\"\n"
                          "bind = \"all of them\"\n"
                          "broker = \"http://x\"\n"
                          "[supply.main]\n"
                          "u = \"230\"\n"
                          "f = \"50 V\"\n"
                          "rotation = \"cba\"\n"
                          "harmonics.u = { 51 = \"1 %\", 5 = \"1 % @ 3 s\", 7 = 2 }\n"
                          "drift.u = \"90 %\"\n"
                          "[load.a]\n"
                          "p = \"12 kV\"\n"
                          "pf = \"1.2 ind\"\n"
                          "[load.b]\n"
                          "kind = \"moter\"\n"
                          "[load.c]\n"
                          "p = \"-3 kW\"\n"
                          "pf = 0.9\n"
                          "[bus.one]\n"
                          "baud = 100\n"
                          "format = \"7E1\"\n"
                          "[[meter]]\n"
                          "name = \"m\"\n"
                          "model = \"kpm38\"\n"
                          "[[meter]]\n"
                          "model = \"kpm33b\"\n"
                          "lod = \"a\"\n"
                          "supply = \"mian\"\n"
                          "bus = \"two\"\n") ==
              "f.toml:2:1: unknown key \"sed\" in farm; did you mean seed?\n"
              "f.toml:3:9: unknown clock \"fast\"; write \"realtime\", \"x60\" (an hour in a "
              "minute), \"free\", \"stepped\" or \"paused\"\n"
              "f.toml:4:9: start \"today\" is no date and time; write \"2026-01-01T00:00:00\", the "
              "site's local time without a zone\n"
              "f.toml:5:8: bind \"all of them\" is no IP address; write \"127.0.0.1\" for this "
              "machine only, or \"0.0.0.0\" for others too\n"
              "f.toml:6:10: broker has another scheme than mqtt:// or mqtts://; write "
              "mqtt://127.0.0.1:1883, or mqtt://account:password@host:port\n"
              "f.toml:8:5: u: \"230\" lacks its unit; write a voltage such as \"230 V\"\n"
              "f.toml:9:5: f: \"50 V\" is a voltage; write a frequency such as \"50 Hz\"\n"
              "f.toml:10:12: unknown rotation \"cba\"; known: abc, acb\n"
              "f.toml:11:17: harmonic order \"51\" cannot be; write a whole number from 2 to 50\n"
              "f.toml:11:33: harmonic 5: \" 3 s\" is a time; write an angle such as \"120 deg\"; "
              "an angle stands behind an @: \"2.5 % @ 180deg\"\n"
              "f.toml:11:50: harmonic 7 is not a text; write 7 = \"2.5 %\" or \"2.5 % @ 180deg\"\n"
              "f.toml:12:11: u is out of range; the drift of u goes from 0 % to 20 %\n"
              "f.toml:14:5: p: \"12 kV\" is a voltage; write a power such as \"12 kW\"\n"
              "f.toml:15:6: pf is above 1; a power factor goes from 0.01 to 1\n"
              "f.toml:16:1: load b lacks \"p\"; add p = \"12 kW\"\n"
              "f.toml:17:8: unknown kind \"moter\"; did you mean motor? known: constant-power, "
              "constant-current, resistive, motor, led, six-pulse-drive, ev-charger, pv-inverter, "
              "profile, capacitors, test-wave\n"
              "f.toml:19:5: p is negative; a load that exports has kind = \"pv-inverter\" and a "
              "positive p\n"
              "f.toml:20:6: pf does not say whether the current lags or leads; write pf = \"0.95 "
              "ind\" (the current lags), \"0.95 cap\" (it leads) or 1.0\n"
              "f.toml:22:8: baud is 100; write a whole number from 300 to 115200\n"
              "f.toml:23:10: unknown format \"7E1\"; did you mean 8E1? known: 8N1, 8E1, 8O1, 8N2\n"
              "f.toml:26:9: unknown model \"kpm38\"; did you mean kpm37? known: kpm312, kpm33b, "
              "kpm37, kpm53\n"
              "f.toml:27:1: this meter lacks \"name\"; add name = \"feeder-1\"\n"
              "f.toml:29:1: unknown key \"lod\" in this meter; did you mean load?\n"
              "f.toml:30:10: unknown supply \"mian\"; did you mean main? known: main\n"
              "f.toml:31:7: unknown bus \"two\"; known: one");
    }

    TEST_CASE("a load says what it is missing and what it does not take") {
        const auto load = [](const std::string& keys) {
            return mistakes_of("[supply.main]\n[load.x]\n" + keys +
                               "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n");
        };
        CHECK(
            load("kind = \"constant-current\"\np = \"3 kW\"\n") ==
            "f.toml:2:1: load x lacks \"i\"; add i = \"16 A\"\n"
            "f.toml:4:5: a constant-current load takes no p; write i = \"16 A\", or another kind");
        for (const char* of_phases : {"i_a = \"4 A\"\n", "i_b = \"4 A\"\ni_c = \"2 A\"\n"})
            CHECK(load(of_phases) == "");
        CHECK(load("p_a = \"3 kW\"\ni_a = \"4 A\"\n")
                  .ends_with("a constant-power load takes no i; write kind = \"constant-current\", "
                             "or leave i out"));
        CHECK(load("kind = \"motor\"\np = \"3 kW\"\ni = \"4 A\"\n") ==
              "f.toml:5:5: a motor load takes no i; write kind = \"constant-current\", or leave i "
              "out");
        CHECK(load("p = \"3 kW\"\np_a = \"1 kW\"\n") ==
              "f.toml:3:5: p and p_a, p_b, p_c are both given; keep the one for all phases, or the "
              "one for each");
        CHECK(load("p = \"3 kW\"\nprofile_end = \"hold\"\n") ==
              "f.toml:4:15: a constant-power load has no profile to end; leave profile_end out");
        CHECK(load("profile = \"nowhere.csv\"\n") ==
              "f.toml:3:11: \"nowhere.csv\" cannot be read: No such file or directory; the path "
              "counts from the farm file's folder");
        CHECK(load("p = \"3 kW\"\nvary = 0.1\n") ==
              "f.toml:4:8: vary is 0.1 without a unit; write a ratio such as \"2.5 %\"");
        CHECK(load("p = \"1.8e302 MW\"\n") ==
              "f.toml:3:5: p: \"1.8e302 MW\" is beyond any number that a meter could meet; write a "
              "power such as \"12 kW\"");
        CHECK(load("p_b = \"1e301 MW\"\n") ==
              "f.toml:3:7: p_b is out of range; a load's power goes from 0 W to 1000000 MW");
        CHECK(load("i = \"1e10 A\"\n") ==
              "f.toml:3:5: i is out of range; a load's current goes from 0 A to 1000000 kA");
        CHECK(load("p = \"1000000 MW\"\n") == "");
    }

    TEST_CASE("every wrong row of a profile is told with its line") {
        const std::filesystem::path folder =
            std::filesystem::temp_directory_path() / ("kpmsim-farm-" + std::to_string(getpid()));
        std::filesystem::create_directories(folder);
        const auto profile = [&](const std::string& rows) {
            std::ofstream{folder / "day.csv"} << rows;
            std::ofstream{folder / "farm.toml"}
                << "[supply.main]\n[load.x]\nprofile = \"day.csv\"\n"
                   "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n";
            try {
                load_farm((folder / "farm.toml").string(), test::types());
                return std::string{};
            } catch (const FileError& error) {
                std::string text = error.what();
                const std::string path = folder.string() + '/';
                for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;)
                    text.erase(at, path.size());
                return text;
            }
        };
        CHECK(profile("time,p_a,p_b,p_c\n0,1,2,3\n") == "");

        CHECK(profile("time,p_a,p_b,p_c,pf\n0,1,2,3,1\n10,x,2,3,1\n5,1,2,3,2\n00:20,1,2,3,1\n") ==
              "day.csv:3: p_a \"x\" is no power; write watts without a unit\n"
              "day.csv:4: time \"5\" is not after the row before; put the rows in order, each time "
              "once\n"
              "day.csv:5: time \"00:20\" is written another way than before; write all times in "
              "seconds, all as hh:mm, or all as dates, with a zone or without");
        CHECK(profile("time,p_a,p_b,p_c\n5,1,2,3\n") ==
              "day.csv:2: begins at 5 s; begin with a row at time 0");
        CHECK(profile("time,p_a,p_b,p_c,pf\n24:01,1,2,3,1\n") ==
              "day.csv:2: time \"24:01\" cannot be read; write seconds from the start, hh:mm or "
              "hh:mm:ss up to 24:00, or a date and time such as 2026-01-12T08:15");
        CHECK(profile("time,p_a,p_b,p_c,pf\n0,1,2,3,-1.5\n") ==
              "day.csv:2: pf \"-1.5\" is no power factor; write 0.01 to 1, with a minus when the "
              "current leads (capacitive)");
        CHECK(profile("time,p_a,p_b,p_c\n") ==
              "day.csv: has no rows; a profile needs at least one row below its header");
        CHECK(profile("time,p_a,p_b,p_d\n1,2,3,4\n") ==
              "day.csv:1: lacks the column p_c; its header is time,p_a,p_b,p_c[,pf]: the power of "
              "each phase\n"
              "day.csv:1: has the unknown column \"p_d\"; did you mean p_a or p_b or p_c?");
        std::filesystem::remove_all(folder);
    }

    TEST_CASE("an empty text is no path, no wiring and no ratio") {
        CHECK(mistakes_of("[bus.a]\npty = \"\"\n[bus.b]\npty = \"run/b\"\n" +
                          with_meter("model = \"kpm37\"\n")) ==
              "f.toml:2:7: pty \"\" is no path; write a name");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\nwiring = \"\"\n")) ==
              "f.toml:8:10: a kpm37 has no wiring \"\"; known: P4L, P3L3, P3L2");
    }

    TEST_CASE("an endpoint that stands twice is told as such") {
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\nmodbus_tcp = [21510, 21510]\n")) ==
              "f.toml:8:22: modbus_tcp names 127.0.0.1:21510 twice; leave one of them out");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\nmodbus_tcp = [0, 0]\n")) == "");
    }

    TEST_CASE("start energies that contradict each other are told") {
        const auto told = [](const std::string& lines) {
            return mistakes_of(with_meter("model = \"kpm37\"\n" + lines));
        };
        CHECK(
            told("start_energy = { e_p_import = \"5 kWh\", e_p_import_a = \"9 kWh\" }\n") ==
            "f.toml:8:16: the phases of e_p_import come to 9 kWh, and e_p_import itself is 5 kWh; "
            "write e_p_import = \"9 kWh\" or more");
        CHECK(told("start_energy = { e_q_export_t1 = \"9 kvarh\" }\n") ==
              "f.toml:8:16: the tariffs of e_q_export come to 9 kvarh, and e_q_export itself is 0 "
              "kvarh; write e_q_export = \"9 kvarh\" or more");
        CHECK(told("start_energy = { e_p_import_t1 = \"0.4 kWh\", e_p_import_t2 = \"0.7 kWh\" }\n")
                  .starts_with("f.toml:8:16: the tariffs of e_p_import come to 1.1 kWh,"));
        CHECK(told("start_energy = { e_q_import = \"5 kvarh\", e_q_q1 = \"3 kvarh\", e_q_q2 = \"3 "
                   "kvarh\" }\n")
                  .starts_with("f.toml:8:16: the quadrants 1 and 2 of e_q_import come to 6 kvarh"));
        CHECK(told("start_energy = { e_p_import = \"5 kWh\" }\n"
                   "start_months = [{ e_p_import = \"3 kWh\" }, { e_p_import = \"4 kWh\" }]\n") ==
              "f.toml:9:16: the months used 7 kWh of e_p_import, and start_energy has 5 kWh; write "
              "start_energy = { e_p_import = \"7 kWh\" } or more");
        // What one phase imports another may export.
        CHECK(
            told("start_energy = { e_p_import = \"5 kWh\", e_p_import_a = \"9 kWh\", e_p_export_b "
                 "= \"4 kWh\" }\n") == "");
        CHECK(
            told("start_energy = { e_p_import = \"100 kWh\", e_p_import_a = \"33.3333 kWh\", "
                 "e_p_import_b = \"33.3333 kWh\", e_p_import_c = \"33.3334 kWh\", e_p_import_t1 = "
                 "\"60 kWh\" }\nstart_months = [{ e_p_import = \"100 kWh\" }]\n") == "");
        CHECK(told("start_energy = { e_p_total = \"5 kWh\" }\n") ==
              "f.toml:8:18: \"e_p_total\" is worked out of others; write what it is worked out of: "
              "e_p_import and e_p_export, or those of e_q");
        CHECK(told("start_energy = { e_p_imprt = \"5 kWh\" }\n") ==
              "f.toml:8:18: \"e_p_imprt\" is no energy register; nearest: e_p_import");
    }

    TEST_CASE("two meters on one address of a line are told, a KPM312 with all its four") {
        CHECK(mistakes_of(
                  with_meter("model = \"kpm33b\"\nbus = \"line1\"\naddress = 7\ncount = 3\n")) ==
              "f.toml:9:11: m-1 has address 7 on bus line1, where m-0 has 7; give each meter an "
              "address of its own");
        CHECK(mistakes_of(with_meter(
                  "model = \"kpm312\"\nbus = \"line1\"\naddress = \"1 + 3*n\"\ncount = 8\n")) ==
              "f.toml:9:11: m-1 has address 4 to 7 on bus line1, where m-0 has 1 to 4; a KPM312 "
              "takes four in a row: leave four between, such as \"1 + 4*n\"");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nbus = \"line1\"\n"
                                     "[[meter]]\nname = \"late\"\nmodel = \"kpm37\"\n"
                                     "bus = \"line1\"\naddress = 4\n")) ==
              "f.toml:13:11: late has address 4 on bus line1, where m-0 has 1 to 4; a KPM312 takes "
              "four in a row: leave four between, such as \"1 + 4*n\"");
        // Not on one line: no clash.
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nbus = \"line1\"\n"
                                     "[[meter]]\nname = \"late\"\nmodel = \"kpm37\"\n")) == "");
    }

    TEST_CASE("units at one endpoint are kept apart like addresses on a line") {
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\ncount = 2\nunit = 9\n"
                                     "modbus_tcp = \"127.0.0.1:1502\"\n")) ==
              "f.toml:9:8: m-1 has unit 9 at 127.0.0.1:1502, where m-0 has 9; give each meter an "
              "address of its own");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\ncount = 2\nunit = 9\n"
                                     "modbus_tcp = \"127.0.0.1:{1502 + n}\"\n")) == "");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\ncount = 2\nunit = 9\n"
                                     "modbus_tcp = \"127.0.0.1:0\"\n")) == "");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\nmodbus_tcp = 1502\n"
                                     "[[meter]]\nname = \"other\"\nmodel = \"kpm33b\"\n"
                                     "modbus_tcp = \"0.0.0.0:1502\"\n")) ==
              "f.toml:12:14: port 1502 is written as 127.0.0.1:1502 and as 0.0.0.0:1502; write it "
              "the same way everywhere, or use another port");
        CHECK(
            mistakes_of(with_meter("model = \"kpm33b\"\nmodbus_tcp = \"127.0.0.1:{70000+n}\"\n")) ==
            "f.toml:8:14: modbus_tcp \"127.0.0.1:70000\" has no port from 0 (any free one) to "
            "65535; write \"127.0.0.1:1502\" for this machine only, or \"0.0.0.0:1502\" for others "
            "too");
    }

    TEST_CASE("addresses stay from 1 to 247, the last circuit's too") {
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\naddress = \"240 + n\"\ncount = 9\n")) ==
              "f.toml:8:11: address of number 8 is 248; addresses go from 1 to 247");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\naddress = 245\n")) ==
              "f.toml:8:11: address is 245; a meter of 4 circuits has room from 1 to 244");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\naddress = \"1 + m\"\n")) ==
              "f.toml:8:11: address \"1 + m\" cannot be followed at \"m\"; write a number, or an "
              "expression such as \"1 + 4*n\"");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nbus = \"line1\"\ncount = 62\n")) ==
              "f.toml:9:9: the line has no address left for number 61; addresses go from 1 to 247: "
              "share the meters out over more lines");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nbus = \"line1\"\ncount = 61\n")) == "");
    }

    TEST_CASE("names, serials and ptys are one's own") {
        CHECK(mistakes_of(
                  "[supply.main]\n[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\ncount = 2\n") ==
              "f.toml:3:8: 2 meters would be named \"m\"; write {n} into the name: \"m-{n}\"");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\n"
                                     "[[meter]]\nname = \"m-0\"\nmodel = \"kpm37\"\n")) ==
              "f.toml:9:8: there are two meters \"m-0\"; give each a name of its own; in a block "
              "with a count, {n} counts");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\nserial = \"33B1225950027\"\n"
                                     "[[meter]]\nname = \"o\"\nmodel = \"kpm33b\"\n"
                                     "serial = \"33B1225950027\"\n")) ==
              "f.toml:12:10: o has the serial 33B1225950027 of m-0; leave serial out, and each "
              "meter gets one of its own");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\nserial = \"33B1225950027\"\n")) ==
              "f.toml:8:10: serial \"33B1225950027\": serial numbers of this model begin with 307; "
              "write one such as \"3071026100001\"");
        CHECK(mistakes_of(
                  with_meter("model = \"kpm37\"\nserial = \"3071026100001\"\nmqtt = true\n")) ==
              "f.toml:8:10: m-0 has the serial 3071026100001, of a meter without a radio for MQTT; "
              "write 1 (4G) or 2 (WiFi) as its 5th character, or leave mqtt out");
        for (const char* radio : {"1", "2", "5"})
            CHECK(mistakes_of(with_meter("model = \"kpm37\"\nserial = \"3071" + std::string{radio} +
                                         "26100001\"\nmqtt = true\n")) == "");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nserial = \"31212261C9998\"\n")) ==
              "f.toml:8:10: serial \"31212261C9998\": the numbers of its other circuits go beyond "
              "9999; write one such as \"31210261C0001\"");
        CHECK(mistakes_of("[supply.main]\n[bus.a]\npty = \"run/x\"\n[bus.b]\npty = \"run/x\"\n"
                          "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n") ==
              "f.toml:5:7: bus b has the pty \"run/x\" of bus a; give each line a link of its own, "
              "such as \"run/b\"");
    }

    TEST_CASE("a meter does not take what its model does not have") {
        CHECK(mistakes_of(with_meter("model = \"kpm53\"\nmqtt = true\n")) ==
              "f.toml:8:8: a kpm53 uploads nothing by MQTT; leave mqtt out");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\noptions = \"1A\"\n")) ==
              "f.toml:8:11: options \"1A\": unknown option \"1A\"; known: K, R, T, S, 4G, Wi, L; "
              "write what is fitted, such as \"K-R-Wi\", or \"none\"");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\noptions = \"K\"\n")) ==
              "f.toml:8:11: a kpm33b has no option code; leave options out: every kpm33b has all "
              "there is");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\noptions = \"1A2A-K\"\nmqtt = true\n")) ==
              "f.toml:8:11: options \"1A2A-K\" have no radio for MQTT; add -Wi or -4G, or leave "
              "mqtt out");
        // A circuit that the code leaves out is there, at 5 A.
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\noptions = \"1A2A\"\n"
                                     "loads = [\"x\", \"none\", \"x\", \"none\"]\n")) == "");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\noptions = \"1A2A\"\n"
                                     "loads = [\"x\", \"x\", \"x\", \"x\", \"x\"]\n")) ==
              "f.toml:9:9: loads holds 5 loads; a kpm312 has 4 circuits");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\nloads = [\"x\", \"x\"]\n")) ==
              "f.toml:8:9: loads holds 2 loads; a kpm33b has 1 circuit");
        CHECK(
            mistakes_of(with_meter("model = \"kpm312\"\nload = \"x\"\n")) ==
            "f.toml:8:8: load does not say which circuit; write loads = [\"x\", \"none\", …], one "
            "for each circuit");

        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\nct = \"400/5 A\"\n")) ==
              "f.toml:8:6: the transformers of a kpm33b rated 100 are part of the meter; leave ct "
              "out, or choose a rating without them");
        CHECK(mistakes_of(with_meter("model = \"kpm33b\"\npt = \"10000/100 V\"\n")) ==
              "f.toml:8:6: a kpm33b has no ratio for pt; leave pt out");
        CHECK(mistakes_of(with_meter("model = \"kpm53\"\nct = \"400/3 A\"\n")) ==
              "f.toml:8:6: the meter's setting ct cannot hold this ratio; write a ratio that it "
              "can, or what it is told instead: settings.ct = …");
        CHECK(mistakes_of(with_meter("model = \"kpm53\"\nct = \"400/3 A\"\nsettings.ct = 133\n")) ==
              "");
        CHECK(mistakes_of(with_meter("model = \"kpm53\"\nct = \"400:5\"\n")) ==
              "f.toml:8:6: ct \"400:5\" is no ratio; write \"400/5 A\"");
        CHECK(mistakes_of(with_meter("model = \"kpm53\"\nct = \"1e300/1e-300 A\"\n"
                                     "settings.ct = 1\n")) ==
              "f.toml:8:6: ct \"1e300/1e-300 A\" is no ratio; write \"400/5 A\"");
        CHECK(mistakes_of(with_meter("model = \"kpm53\"\npt = \"1e9/1 V\"\n"
                                     "settings.pt = 1\n")) ==
              "f.toml:8:6: pt \"1e9/1 V\" is no ratio; write \"10000/100 V\"");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nwiring = \"P3L3\"\n")) ==
              "f.toml:8:10: a kpm312 has no wiring \"P3L3\"; known: P4L");
        CHECK(mistakes_of(
                  with_meter("model = \"kpm53\"\nu_phase = \"abd\"\nct_reversed = [\"x\"]\n")) ==
              "f.toml:8:11: u_phase \"abd\" is no order of phases; write which phase lands on a, b "
              "and c, such as \"acb\"\n"
              "f.toml:9:16: ct_reversed names no phase; write the phases: [\"a\"]");
        CHECK(mistakes_of(with_meter("model = \"kpm37\"\nrating = \"80\"\n")) ==
              "f.toml:8:10: unknown rating \"80\"; did you mean 800? known: 5, 1, 100, 400, 800");
        CHECK(mistakes_of("[supply.main]\n[bus.fast]\nbaud = 115200\nformat = \"8N2\"\n"
                          "[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\nbus = \"fast\"\n") ==
              "f.toml:8:7: a kpm33b does not do the 115200 Bd of bus fast; it does 1200, 2400, "
              "4800, 9600, 19200\n"
              "f.toml:8:7: a kpm33b does not do the 8N2 of bus fast; it does 8E1, 8O1, 8N1");
    }

    TEST_CASE("settings are checked against the model's range and choices") {
        const auto settings = [](const std::string& keys) {
            return mistakes_of(with_meter("model = \"kpm37\"\n" + keys));
        };
        CHECK(settings("settings = { second_interval_s = 45 }\n") ==
              "f.toml:8:34: setting second_interval_s cannot be 45; it can be 30, 60, 300, 600, "
              "900, 1200, 1800, 3600");
        CHECK(settings("settings.ct = 6000.1\n") ==
              "f.toml:8:15: setting ct cannot be 6000.1; it goes from 0.1 to 6000 in steps of 0.1");
        CHECK(
            settings("settings.demand_minuts = 5\n") ==
            "f.toml:8:10: a kpm37 has no setting \"demand_minuts\"; did you mean demand_minutes?");
        CHECK(settings("settings.baud = 9600\n") ==
              "f.toml:8:10: setting baud has its own key; the line has it: baud = … under its "
              "[bus.NAME]");
        CHECK(settings("settings.ct = [1, 2]\n") ==
              "f.toml:8:15: setting ct is one for the whole meter; write one number without "
              "brackets");
        CHECK(settings("settings.ct = \"40\"\n") ==
              "f.toml:8:15: setting ct is no number; it goes from 0.1 to 6000 in steps of 0.1");
        CHECK(mistakes_of(with_meter("model = \"kpm312\"\nsettings.ct = [1, 2, 3, 4, 5]\n")) ==
              "f.toml:8:15: setting ct has more values than circuits; write at most 4");
    }

    TEST_CASE("a file without meters, without a supply or without TOML says so") {
        CHECK(mistakes_of("[supply.main]\n") ==
              "f.toml: has no meter; add [[meter]] with name and model");
        CHECK(mistakes_of("[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n") ==
              "f.toml:1:1: meter m lacks \"supply\"; add [supply.main] to the file, and supply = "
              "\"main\" here");
        CHECK(
            mistakes_of("[supply.a]\n[supply.b]\n[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n") ==
            "f.toml:3:1: meter m lacks \"supply\"; add supply = …; known: a, b");
        CHECK(mistakes_of("supply = 3\n[[meter]]\nname = \"m\"\nmodel = \"kpm33b\"\n")
                  .starts_with("f.toml:1:10: supply is 3; write a table: supply = { … }"));
        CHECK(mistakes_of("[farm\n").starts_with("f.toml:1:6: "));
        CHECK_THROWS_WITH_AS(load_farm("no/farm.toml", test::types()),
                             "no/farm.toml: cannot be read: No such file or directory; check the "
                             "path; it counts from the folder you are in, or from the file that "
                             "names it",
                             FileError);
    }
}
