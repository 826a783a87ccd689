// Recordings that leave something open, or say it in their own way: what is taken, what is told.
#include "farm_folder.hpp"
#include "measuring.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;
using namespace kpmsim::test;
using namespace std::chrono_literals;

namespace {

const Readings& readings(Farm& farm) { return farm.meters()[0].circuits()[0].state().readings; }

void step(Farm& farm, SimDuration by) {
    const SimTime to = farm.now() + by;
    farm.advance(to);
    farm.publish(to);
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a side that the file leaves open is what --primary says") {
        const Folder folder;
        std::vector<Tone> tones = three_phases;
        for (std::size_t c = 0; c < 6; ++c) {
            tones[c].rms = c < 3 ? 5.77 : 0.4;
            tones[c].unit = c < 3 ? "kVolts" : "kA";
        }
        Recording r = sines(50, 6400, 0.5, tones);
        for (std::size_t c = 0; c < 6; ++c) {
            r.channels[c].primary = c < 3 ? 10000 : 400;
            r.channels[c].secondary = c < 3 ? 100 : 5;
            r.channels[c].side_is_told = false;
        }
        const std::string path = written(r, folder / "blank.cfg");
        MeasureSpec spec = with("kpm53");
        CHECK(measuring_mistakes(path, spec)
                  .starts_with("blank.cfg: \"VA\" does not say on which side of its transformer "
                               "the values are; say "
                               "that the values are primary: --primary with --pt and --ct, or "
                               "write P or S into the "
                               "file\n"));
        spec.primary = true;
        const Measurement m = measured(path, spec);
        CHECK(m.pt == 100);
        CHECK(reading(m, 1, Slot::u_a) == doctest::Approx(5770).epsilon(1e-6));
        CHECK(reading(m, 1, Slot::i_a) == doctest::Approx(400).epsilon(1e-6));
    }

    TEST_CASE("who names a terminal decides what an unknown unit means, and is told so") {
        const Folder folder;
        std::vector<Tone> tones = three_phases;
        tones[0].unit = "p.u.";
        tones[3].unit = "Amps";
        tones[4].unit = "prim. A";
        const std::string path = written(sines(50, 6400, 0.5, tones), folder / "odd.cfg");
        MeasureSpec spec = with("kpm53");
        CHECK(measuring_mistakes(path, spec) ==
              "odd.cfg: \"VA\" has the unit \"p.u.\", which is neither volts nor amperes; name it, "
              "and it is taken as volts: --channels ua=VA\n"
              "odd.cfg: \"IB\" has the unit \"prim. A\", which is neither volts nor amperes; name "
              "it, and it is taken as amperes: --channels ib=IB\n");
        spec.channels = {{"ua", "VA"}, {"ib", "IB"}};
        const Measurement m = measured(path, spec);
        CHECK(reading(m, 0, Slot::u_a) == doctest::Approx(230).epsilon(1e-6));
        CHECK(reading(m, 0, Slot::i_a) == doctest::Approx(5).epsilon(1e-6));
        CHECK(reading(m, 0, Slot::i_b) == doctest::Approx(5).epsilon(1e-6));
        CHECK(
            m.remarks ==
            std::vector<std::string>{
                path + ": \"VA\" is taken as volts, as the terminal ua says; its unit is \"p.u.\"",
                path + ": \"IB\" is taken as amperes, as the terminal ib says; its unit is \"prim. "
                       "A\""});
    }

    TEST_CASE("a prefix that can be read counts, and an empty unit that a name decides is told") {
        const Folder folder;
        std::vector<Tone> tones = three_phases;
        for (std::size_t c = 0; c < 6; ++c)
            tones[c].rms /= 1000;
        tones[0].unit = "kV pri";
        tones[1].unit = "kV line 2";
        tones[2].unit = "kV~";
        tones[3].unit = "kA sec";
        tones[4].unit = "kA/phase";
        tones[5].unit = "kAmps (prim)";
        const std::string path = written(sines(50, 6400, 0.5, tones), folder / "prefix.cfg");
        MeasureSpec spec = with("kpm53");
        CHECK(measuring_mistakes(path, spec) ==
              "prefix.cfg: \"VB\" has the unit \"kV line 2\", which is neither volts nor amperes; "
              "name it, and it is taken as volts: --channels ub=VB\n"
              "prefix.cfg: \"IB\" has the unit \"kA/phase\", which is neither volts nor amperes; "
              "name it, and it is taken as amperes: --channels ib=IB\n");
        spec.channels = {{"ua", "VA"}, {"ub", "VB"}, {"uc", "VC"},
                         {"ia", "IA"}, {"ib", "IB"}, {"ic", "IC"}};
        const Measurement m = measured(path, spec);
        for (const Slot u : {Slot::u_a, Slot::u_b, Slot::u_c})
            CHECK(reading(m, 0, u) == doctest::Approx(230).epsilon(1e-6));
        for (const Slot i : {Slot::i_a, Slot::i_b, Slot::i_c})
            CHECK(reading(m, 0, i) == doctest::Approx(5).epsilon(1e-6));
        REQUIRE(m.remarks.size() == 2);
        CHECK(m.remarks[0] == path +
                                  ": \"VB\" is taken as kV, as the terminal ub says; its unit is "
                                  "\"kV line 2\"");

        std::vector<Tone> bare = three_phases;
        bare[0].unit = "";
        const std::string empty = written(sines(50, 6400, 0.5, bare), folder / "bare.cfg");
        MeasureSpec named = with("kpm53");
        named.channels = {{"ua", "VA"}};
        CHECK(measured(empty, named).remarks ==
              std::vector<std::string>{
                  empty + ": \"VA\" is taken as volts, as the terminal ua says; it has no unit"});
    }

    TEST_CASE("channels of one name are told apart by their numbers") {
        const Folder folder;
        std::vector<Tone> tones = three_phases;
        for (std::size_t c = 0; c < 6; ++c)
            tones[c].name = c < 3 ? "V" : "";
        tones[1].rms = 231;
        const std::string path = written(sines(50, 6400, 0.5, tones), folder / "same.cfg");
        MeasureSpec spec = with("kpm53");
        CHECK(measuring_mistakes(path, spec)
                  .find("the recording has V (#1), V (#2), V (#3), #4, #5, #6") !=
              std::string::npos);
        spec.channels = {{"ua", "#1"}, {"ub", "#2"}, {"uc", "#3"},
                         {"ia", "#4"}, {"ib", "#5"}, {"ic", "#6"}};
        const Measurement m = measured(path, spec);
        CHECK(reading(m, 0, Slot::u_b) == doctest::Approx(231).epsilon(1e-6));
        CHECK(reading(m, 0, Slot::i_c) == doctest::Approx(5).epsilon(1e-6));
        for (const std::string none : {"#0", "#7", "#", "#x", "#-1"}) {
            spec.channels["ua"] = none;
            CHECK(measuring_mistakes(path, spec).find("there is no channel \"" + none) !=
                  std::string::npos);
        }
    }

    TEST_CASE("phases whose transformers differ are told: a meter knows one ratio") {
        const Folder folder;
        Recording r = sines(50, 6400, 0.5, three_phases);
        for (std::size_t c = 0; c < 3; ++c) {
            r.channels[c].primary = c == 1 ? 11000 : 10000;
            r.channels[c].secondary = 100;
            r.channels[c].values_are_primary = false;
        }
        const Measurement m = measured(written(r, folder / "mixed.cfg"), with("kpm53"));
        CHECK(m.pt == 100);
        CHECK(reading(m, 0, Slot::u_b) == doctest::Approx(23000).epsilon(1e-6));
        REQUIRE(m.remarks.size() == 1);
        CHECK(m.remarks[0].ends_with(
            "mixed.cfg: the transformers of \"VA\" (10000/100) and \"VB\" (11000/100) differ: the "
            "meter knows one ratio, 100, and shows \"VB\" by it; --pt gives another"));
    }

    TEST_CASE("a name that is no UTF-8 is named as it is shown") {
        const Folder folder;
        std::vector<Tone> tones = three_phases;
        for (std::size_t c = 0; c < 6; ++c)
            tones[c].name = (c < 3 ? "Spannung \xDC" : "Strom \xE9") + std::to_string(c % 3 + 1);
        const std::string path = written(sines(50, 6400, 0.5, tones), folder / "latin.cfg");
        MeasureSpec spec = with("kpm53");
        spec.channels = {{"ua", "Spannung Ü1"}, {"ub", "Spannung Ü2"}, {"uc", "Spannung Ü3"},
                         {"ia", "Strom é1"},    {"ib", "Strom é2"},    {"ic", "Strom é3"}};
        const Measurement m = measured(path, spec);
        CHECK(m.channels[0].from == "Spannung Ü1");
        CHECK(reading(m, 0, Slot::i_c) == doctest::Approx(5).epsilon(1e-6));
    }

    TEST_CASE("a recording of a few samples is too short, and one without a date says so") {
        const Folder folder;
        for (const char* name : {"five.cfg", "five.csv"})
            CHECK(measuring_mistakes(
                      written(sines(50, 6400, 5.5 / 6400, three_phases), folder / name),
                      with("kpm53")) ==
                  std::string{name} +
                      ": has 5 samples, too few for a window; a window takes 10 cycles of 50 Hz or "
                      "12 of 60 Hz: record more than 0.25 s\n");
        const Recording r = sines(50, 6400, 0.5, three_phases);
        CHECK_FALSE(measured(written(r, folder / "undated.csv"), with("kpm53")).start);
        Recording dated = r;
        REQUIRE(parse_iso("2024-02-29T08:00:00", dated.start));
        CHECK(measured(written(dated, folder / "dated.cfg"), with("kpm53")).start == dated.start);
    }

    TEST_CASE("where currents are skewed against voltages, a farm begins where measure does") {
        const FarmFolder folder;
        Recording r = sines(50, 6400, 1.5, three_phases);
        for (std::size_t c = 0; c < 6; ++c) {
            RecordedChannel& channel = r.channels[c];
            channel.skew_us = c < 3 ? 4.5 : 30.0;
            for (std::size_t n = 0; n < channel.values.size(); ++n) // a level that tells the moment
                channel.values[n] *= 1.0 + static_cast<double>(n) / 6400.0;
        }
        std::vector<Mistake> mistakes;
        REQUIRE(write_comtrade(r, folder / "skewed.cfg", {2013, ComtradeType::float32}, mistakes));
        MeasureSpec spec;
        spec.type = test::types().find("kpm53");
        const auto measured = measure(folder / "skewed.cfg", spec, mistakes);
        REQUIRE(measured);
        CHECK(measured->windows[0].window.start == SimTime{30us});
        const FarmPlan plan = folder.farm("[supply.main]\nrecording = \"skewed.cfg\"\n[load.x]\n"
                                          "recording = \"skewed.cfg\"\n[[meter]]\nname = \"m\"\n"
                                          "model = \"kpm53\"\nload = \"x\"\n");
        CHECK(plan.supplies[0].recording->time.origin == SimDuration{30us});
        Farm farm{plan, 1};
        std::size_t window = 0;
        for (; farm.now() < SimTime{1200ms}; step(farm, 20ms)) {
            if (farm.meters()[0].circuits()[0].state().window <= window)
                continue;
            const Readings& then = measured->windows[window++].circuits[0].readings;
            for (const Slot slot : {Slot::u_a, Slot::i_b, Slot::p})
                CHECK(std::abs(readings(farm)[slot] / then[slot] - 1) < 2e-7);
        }
        CHECK(window == 5);
    }
}

TEST_SUITE("unit") {
    TEST_CASE("units, names and sides that a recording leaves open are what the farm says") {
        const FarmFolder folder;
        Recording r = sines(50, 6400, 1, three_phases);
        for (std::size_t c = 0; c < 6; ++c) {
            RecordedChannel& channel = r.channels[c];
            channel.name = (c < 3 ? "Sp\xFC " : "Str\xF6m ") + std::to_string(c % 3 + 1);
            channel.unit = c < 3 ? "Volts" : "x";
            channel.primary = 100;
            channel.side_is_told = c < 3;
        }
        std::vector<Mistake> mistakes;
        REQUIRE(write_comtrade(r, folder / "odd.cfg", {2013, ComtradeType::float32}, mistakes));
        const auto farm = [&](const std::string& load) {
            return "[supply.main]\nrecording = \"odd.cfg\"\nchannels = { ua = \"Spü 1\", ub = "
                   "\"Spü 2\", uc = \"Spü 3\" }\n[load.x]\nrecording = \"odd.cfg\"\n" +
                   load +
                   "[[meter]]\nname = \"m\"\nmodel = \"kpm53\"\nload = \"x\"\nct = \"5/1 A\"\n";
        };
        const std::string named =
            "channels = { ia = \"Ström 1\", ib = \"Ström 2\", ic = \"Ström 3\" }\n";
        CHECK(folder.mistakes(farm(named))
                  .starts_with("odd.cfg: \"Ström 1\" does not say on which side of its transformer "
                               "the values are; "
                               "give it: ct = \"400/5 A\", where they are secondary, or write P or "
                               "S into the file\n"));
        const FarmPlan plan = folder.farm(farm(named + "ct = \"5/1 A\"\n"));
        REQUIRE(plan.remarks.size() == 4);
        CHECK(plan.remarks[1].ends_with(
            "odd.cfg: \"Ström 1\" is taken as amperes, as ia says; its unit is \"x\""));
        Farm playing{plan, 1};
        step(playing, 900ms);
        CHECK(readings(playing)[Slot::u_a] == doctest::Approx(230).epsilon(1e-6));
        CHECK(readings(playing)[Slot::i_a] == doctest::Approx(25).epsilon(1e-3));
        // A name that is not there is one mistake.
        const std::string gone =
            folder.mistakes(farm("channels = { ia = \"Str 1\", ib = \"none\", ic = \"none\" }\n"));
        CHECK(gone.starts_with("farm.toml:"));
        CHECK(gone.find("odd.cfg: ia: there is no channel \"Str 1\"; the recording has Spü 1") !=
              std::string::npos);
        CHECK(gone.find('\n') == std::string::npos);
    }

    TEST_CASE("a pause is told once, whoever plays the recording") {
        const FarmFolder folder;
        Recording r = sines(50, 6400, 1, three_phases);
        r.rates = {{6400, 3200}, {6400, 6400}};
        for (std::int64_t n = 0; n < 6400; ++n)
            r.stamps_ns.push_back(n * 156'250 + (n < 3200 ? 0 : 500'000'000));
        std::vector<Mistake> mistakes;
        REQUIRE(write_comtrade(r, folder / "pause.cfg", {2013, ComtradeType::float32}, mistakes));
        CHECK(folder.mistakes("[supply.a]\nrecording = \"pause.cfg\"\n[supply.b]\nrecording = "
                              "\"./pause.cfg\"\n[load.x]\nrecording = \"pause.cfg\"\n[[meter]]\n"
                              "name = \"m\"\nmodel = \"kpm53\"\nsupply = \"a\"\nload = \"x\"\n") ==
              "pause.cfg: the recording pauses for 0.500156 s after sample 3200; cut it there: a "
              "meter sees no pauses");
    }
}
