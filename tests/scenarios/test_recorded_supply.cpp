// A farm whose supply and loads are recordings, against `measure`, against the rows' own truth, and
// against the farm that was recorded.
#include "farm_folder.hpp"

#include "recordings/comtrade.hpp"
#include "recordings/csv_recording.hpp"
#include "recordings/wav.hpp"
#include "scenarios/measure/measure.hpp"
#include "scenarios/measure/wave.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <unistd.h>

using namespace kpmsim;
using test::FarmFolder;
using namespace std::chrono_literals;

namespace {

/// A feeder with everything on it: wandering frequency, a dip, harmonics, a transformer.
const char* const feeder = R"(
[farm]
seed = 5
[supply.main]
u = "231 V"
harmonics.u = { 5 = "2 % @ 180deg", 7 = "1 %" }
drift.f = "20 mHz"
drift.f_time = "30 s"
[[supply.main.disturbance]]
kind = "dip"
at = "2.05 s"
residual = "55 %"
for = "12 cycles"
phases = "ab"
[load.plant]
p = "90 kW"
pf = "0.9 ind"
harmonics.i = { 3 = "20 %", 11 = "4 %" }
[[meter]]
name = "feeder"
model = "kpm53"
load = "plant"
ct = "300/5 A"
)";

const char* const played = R"(
[supply.main]
recording = "feeder.cfg"
[load.plant]
recording = "feeder.cfg"
[[meter]]
name = "again"
model = "kpm53"
load = "plant"
ct = "300/5 A"
)";

void record_feeder(const std::string& path, int cycles, const std::string& farm = feeder) {
    const FarmPlan plan = parse_farm(farm, "f.toml", test::types());
    std::vector<Mistake> mistakes;
    REQUIRE(write_comtrade(wave_recording(plan, plan.meters[0], cycles, SimTime{}, WaveData::codes),
                           path, {2013, ComtradeType::binary32}, mistakes));
}

/// Sines of three phases, 6 channels, in floating point.
Recording sines(double f_hz, double rate_hz, double length_s) {
    Recording r;
    const auto count = static_cast<std::int64_t>(rate_hz * length_s);
    r.rates = {{rate_hz, count}};
    for (int c = 0; c < 6; ++c) {
        RecordedChannel channel;
        channel.name = std::string{c < 3 ? "U" : "I"} + "ABC"[c % 3];
        channel.unit = c < 3 ? "V" : "A";
        for (std::int64_t n = 0; n < count; ++n) {
            const double turns =
                f_hz * static_cast<double>(n) / rate_hz - c % 3 / 3.0 - (c < 3 ? 0.0 : 1.0 / 12.0);
            channel.values.push_back(std::numbers::sqrt2 * (c < 3 ? 230.0 : 5.0) *
                                     std::sin(2 * std::numbers::pi * turns));
        }
        r.channels.push_back(channel);
    }
    return r;
}

void write_csv(const Recording& r, const std::string& path) {
    std::vector<Mistake> mistakes;
    REQUIRE(write_csv_recording(r, path, mistakes));
}

const Readings& readings(Farm& farm, std::size_t meter, int circuit = 0) {
    return farm.meters()[meter].circuits()[static_cast<std::size_t>(circuit)].state().readings;
}

void step(Farm& farm, SimDuration by) {
    const SimTime to = farm.now() + by;
    farm.advance(to);
    farm.publish(to);
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a farm that plays a recording reads what measure reads of it, and its truth") {
        const FarmFolder folder;
        record_feeder(folder / "feeder.cfg", 250);
        MeasureSpec spec;
        spec.type = test::types().find("kpm53");
        std::vector<Mistake> mistakes;
        const auto measured = measure(folder / "feeder.cfg", spec, mistakes);
        REQUIRE(measured);
        const FarmPlan plan = folder.farm(played);
        Farm farm{plan, 1};
        CHECK(readings(farm, 0)[Slot::u_a] == 0.0); // nothing is before a recording
        std::size_t window = 0;
        for (; farm.now() < SimTime{4900ms}; step(farm, 20ms)) {
            const std::uint64_t shown = farm.meters()[0].circuits()[0].state().window;
            if (shown <= window)
                continue;
            const Readings& now = readings(farm, 0);
            const Readings& then = measured->windows[window].circuits[0].readings;
            const Readings truth = farm.truth(0, 0).readings;
            for (const Slot slot : {Slot::u_a, Slot::u_b, Slot::u_c, Slot::i_a, Slot::i_c, Slot::p,
                                    Slot::q, Slot::s, Slot::f, Slot::p_b, Slot::u_ab}) {
                const double size = slot == Slot::q ? truth[Slot::s] : truth[slot];
                CHECK(std::abs(now[slot] - then[slot]) < 2e-7 * std::abs(size));
                CHECK(std::abs(now[slot] - truth[slot]) < 2e-6 * std::abs(size));
            }
            CHECK(std::abs(now[Slot::thd_i_a] - then[Slot::thd_i_a]) < 1e-5);
            CHECK(std::abs(now[Slot::thd_i_a] - truth[Slot::thd_i_a]) < 1e-4);
            ++window;
        }
        CHECK(window == 24);
    }

    TEST_CASE("after its end a supply is dead, or begins again where its phase fits") {
        const FarmFolder folder;
        write_csv(sines(49.9, 6400, 3.217), folder / "steady.csv");
        const auto farm_of = [&](const std::string& keys) {
            return folder.farm("[supply.main]\nrecording = \"steady.csv\"\n" + keys +
                               "[load.x]\nrecording = \"steady.csv\"\n[[meter]]\nname = \"m\"\n"
                               "model = \"kpm53\"\nload = \"x\"\n");
        };
        const FarmPlan once = farm_of("start = \"1 s\"\n");
        REQUIRE(once.remarks.size() == 1);
        CHECK(once.remarks[0].find("steady.csv: its supply is dead after 2.216") !=
              std::string::npos);
        Farm dying{once, 1};
        CHECK(readings(dying, 0)[Slot::u_a] == doctest::Approx(230)); // it has a past here
        step(dying, 2s);
        CHECK(readings(dying, 0)[Slot::u_a] == doctest::Approx(230));
        step(dying, 800ms);
        CHECK(readings(dying, 0)[Slot::u_a] < 1e-3);
        CHECK(dying.truth(0, 0).readings[Slot::u_a] == 0.0);
        CHECK(std::isnan(dying.truth(0, 0).readings[Slot::f])); // there is none

        const FarmPlan again = farm_of("repeat = true\n");
        REQUIRE(again.supplies[0].recording);
        const double cycles = 49.9 * seconds(again.supplies[0].recording->time.loop);
        CHECK(std::abs(cycles - std::round(cycles)) < 1e-6);
        CHECK(cycles > 49.9 * 3.19);
        Farm running{again, 1};
        for (int n = 0; n < 100; ++n) {
            step(running, 200ms);
            CHECK(std::abs(readings(running, 0)[Slot::u_b] / 230 - 1) < 1e-6);
            CHECK(std::abs(readings(running, 0)[Slot::p] / (3 * 230 * 5 * std::numbers::sqrt3 / 2) -
                           1) < 1e-6);
            CHECK(std::abs(readings(running, 0)[Slot::f] - 49.9) < 1e-6);
        }
    }

    TEST_CASE("loads of any kind hang on a recorded supply, behind any leads") {
        const FarmFolder folder;
        record_feeder(folder / "feeder.cfg", 250);
        const FarmPlan plan = folder.farm(R"(
[supply.main]
recording = "feeder.cfg"
[load.plant]
recording = "feeder.cfg"
scale = 0.5
[load.heater]
kind = "resistive"
p = "6 kW"
[load.oven]
p = "3 kW"
burst = { on = 2, off = 2 }
[[meter]]
name = "mixed"
model = "kpm312"
options = "1C2C3C4C-K-R-Wi"
loads = ["heater", "oven", "none", "plant"]
i_phase = ["abc", "abc", "abc", "cab"]
[[meter]]
name = "delta"
model = "kpm53"
wiring = "2LL2CT"
load = "plant"
ct = "300/5 A"
ct_reversed = ["a"]
[[meter]]
name = "late"
model = "kpm53"
load = "heater"
adc.i = { phase_error = "1 deg" }
)");
        Farm farm{plan, 2};
        step(farm, 1s);
        bool burst = false;
        for (; farm.now() < SimTime{4800ms}; step(farm, 100ms)) {
            for (std::size_t meter = 0; meter < 2; ++meter) {
                for (int circuit = 0; circuit < (meter == 0 ? 4 : 1); ++circuit) {
                    const Readings& now = readings(farm, meter, circuit);
                    const Readings truth = farm.truth(meter, circuit).readings;
                    for (const Slot slot : {Slot::i_a, Slot::i_b, Slot::i_c, Slot::p, Slot::u_ab})
                        CHECK(std::abs(now[slot] - truth[slot]) <
                              2e-6 * std::abs(truth[slot]) + 2e-4);
                }
            }
            const double oven = readings(farm, 0, 1)[Slot::p];
            burst = burst || (oven > 1000 && oven < 2000);
            const Readings& late = readings(farm, 2);
            const double pf1 = std::cos(std::numbers::pi / 180);
            if (farm.now() < SimTime{2s}) { // before the dip
                CHECK(late[Slot::p] / late[Slot::s] == doctest::Approx(pf1).epsilon(1e-4));
                CHECK(late[Slot::q] / late[Slot::p] == doctest::Approx(0.017455).epsilon(1e-3));
            }
        }
        CHECK(burst);
    }

    TEST_CASE("a played recording gives the same bits for any threads and steps") {
        const FarmFolder folder;
        record_feeder(folder / "feeder.cfg", 120);
        std::string text = played;
        text.insert(text.find("[load"), "repeat = true\n");
        text += "count = 5\n";
        text.replace(text.find("again"), 5, "m-{n}");
        const FarmPlan plan = folder.farm(text);
        Farm one{plan, 1};
        Farm three{plan, 3};
        for (int n = 0; n < 350; ++n)
            step(one, 17ms);
        step(three, 350 * 17ms);
        for (std::size_t m = 0; m < 5; ++m) {
            CHECK(readings(one, m).value == readings(three, m).value);
            CHECK(test::same_bits(one.truth(m, 0).readings, three.truth(m, 0).readings));
        }
    }

    TEST_CASE("a delta recording plays as the star with its line voltages") {
        const FarmFolder folder;
        std::string delta = feeder;
        delta += "wiring = \"2LL2CT\"\n";
        record_feeder(folder / "feeder.cfg", 60, delta);
        const FarmPlan plan = folder.farm(
            "[supply.main]\nrecording = \"feeder.cfg\"\n[[meter]]\nname = \"m\"\nmodel = "
            "\"kpm53\"\n");
        Farm farm{plan, 1};
        step(farm, 1s);
        const Readings& now = readings(farm, 0);
        CHECK(now[Slot::u_ab] == doctest::Approx(std::numbers::sqrt3 * 231).epsilon(1e-3));
        CHECK(now[Slot::u_bc] == doctest::Approx(std::numbers::sqrt3 * 231).epsilon(1e-3));
        CHECK(now[Slot::u_b] == doctest::Approx(231).epsilon(1e-3));
    }

    TEST_CASE("a WAV and a CSV play with the ratios and the full scales that the farm gives") {
        const FarmFolder folder;
        Recording r = sines(60, 12800, 1);
        std::vector<Mistake> mistakes;
        REQUIRE(write_wav(r, folder / "floats.wav", WavType::float32, mistakes));
        write_csv(r, folder / "secondary.csv");
        for (RecordedChannel& c : r.channels) {
            for (const double v : c.values)
                c.codes.push_back(
                    static_cast<std::int32_t>(std::lround(v / (c.unit == "V" ? 400 : 10) * 32768)));
            c.values.clear();
        }
        REQUIRE(write_wav(r, folder / "codes.wav", WavType::pcm16, mistakes));
        const auto shown = [&](const std::string& supply, const std::string& load) {
            const FarmPlan plan = folder.farm(
                "[supply.main]\n" + supply + "[load.x]\n" + load +
                "[[meter]]\nname = \"m\"\nmodel = \"kpm53\"\nload = \"x\"\npt = \"10000/100 V\"\n"
                "ct = \"400/5 A\"\n");
            Farm farm{plan, 1};
            step(farm, 900ms);
            return std::pair{readings(farm, 0)[Slot::u_a], readings(farm, 0)[Slot::i_b]};
        };
        const auto secondary = shown("recording = \"secondary.csv\"\npt = \"10000/100 V\"\n",
                                     "recording = \"secondary.csv\"\nct = \"400/5 A\"\n");
        CHECK(secondary.first == doctest::Approx(23000).epsilon(1e-6));
        CHECK(secondary.second == doctest::Approx(400).epsilon(1e-6));
        const auto floats =
            shown("recording = \"floats.wav\"\n", "recording = \"floats.wav\"\nct = \"400/5 A\"\n");
        CHECK(floats.first == doctest::Approx(230).epsilon(1e-4));
        CHECK(floats.second == doctest::Approx(400).epsilon(1e-4));
        const auto codes = shown("recording = \"codes.wav\"\nfull_scale = \"400 V\"\n",
                                 "recording = \"codes.wav\"\nfull_scale = \"10 A\"\n"
                                 "channels = { ia = \"ch4\", ib = \"ch5\", ic = \"none\" }\n");
        CHECK(codes.first == doctest::Approx(230).epsilon(1e-4));
        CHECK(codes.second == doctest::Approx(5).epsilon(1e-4));
    }
}

TEST_SUITE("unit") {
    TEST_CASE("what is wrong with a recording of a farm is told at once, with place and cure") {
        const FarmFolder folder;
        write_csv(sines(50, 6400, 1), folder / "good.csv");
        write_csv(sines(50, 6400, 0.2), folder / "short.csv");
        write_csv(sines(50, 3200, 1), folder / "slow.csv");
        std::ofstream{folder / "broken.csv"} << "time_s,UA [V]\n0,1\n0.001,nan\n";
        const auto farm = [](const std::string& supply,
                             const std::string& load = "p = \"3 kW\"\n") {
            return "[supply.main]\n" + supply + "[load.x]\n" + load +
                   "[[meter]]\nname = \"m\"\nmodel = \"kpm53\"\nload = \"x\"\n";
        };
        CHECK(folder.mistakes(farm("recording = \"good.csv\"\n", "recording = \"good.csv\"\n")) ==
              "");
        CHECK(folder.mistakes(farm("recording = \"nowhere.cfg\"\nu = \"230 V\"\n")) ==
              "farm.toml:2:13: there is no \"nowhere.cfg\"; the path counts from the farm file's "
              "folder\n"
              "farm.toml:3:5: a recorded supply takes no u; the recording has it: leave u out");
        CHECK(folder.mistakes(farm("recording = \"good.csv\"\nrepeat = 1\nstart = \"0.9 s\"\n"
                                   "full_scale = \"400 V\"\npt = \"100 V\"\nsrart = 1\n"
                                   "channels = { ua = \"UX\", ud = \"UB\" }\n")) ==
              "farm.toml:3:10: repeat is 1; write true or false, without quotes\n"
              "farm.toml:5:14: this recording says itself what its numbers are worth; leave "
              "full_scale out\n"
              "farm.toml:6:6: pt \"100 V\" is no ratio; write \"10000/100 V\"\n"
              "farm.toml:7:1: unknown key \"srart\" in supply main; did you mean start?\n"
              "farm.toml:8:19: good.csv: ua: there is no channel \"UX\"; the recording has UA, UB, "
              "UC, IA, IB, IC; name it: channels = { ua = \"NAME\" }, or \"none\" for a dead "
              "phase\n"
              "farm.toml:8:25: unknown key \"ud\" in channels; did you mean ua or ub or uc?");
        CHECK(folder.mistakes(farm("recording = \"good.csv\"\nstart = \"0.9 s\"\n")) ==
              "farm.toml:3:9: nothing is left after start; the recording lasts 0.99984375 s; leave "
              "more than 0.25 s");
        CHECK(folder.mistakes(farm("recording = \"short.csv\"\n")) ==
              "short.csv: lasts 0.19984375 s from its first sample to its last, too short for a "
              "farm; "
              "its windows take up to 0.25 s, 10 cycles of 40 Hz: record more than 0.25 s");
        const auto with_samples = [&](double count) {
            write_csv(sines(50, 4000, (count + 0.5) / 4000), folder / "exact.csv");
            return folder.mistakes(farm("recording = \"exact.csv\"\n"));
        };
        CHECK(with_samples(1001).starts_with("exact.csv: lasts 0.25 s from its first sample"));
        CHECK(with_samples(1002) == "");
        CHECK(
            folder.mistakes(farm("recording = \"slow.csv\"\n"))
                .find("slow.csv: samples 1 to 3200 have a rate of 3200 Hz, too low for order 31") ==
            0);
        CHECK(
            folder.mistakes(farm("recording = \"broken.csv\"\n", "recording = \"broken.csv\"\n")) ==
            "broken.csv:3: \"nan\" is no finite number (UA); every sample has a time and all its "
            "values");
        CHECK(
            folder.mistakes(farm("recording = \"good.csv\"\nchannels = { ua = \"IA\", uab = "
                                 "\"UB\" }\n")) ==
            "farm.toml:3:12: channels names phases and lines; name ua, ub, uc, or uab and ubc (or "
            "ucb)");
        CHECK(folder.mistakes(farm("recording = \"good.csv\"\nchannels = { ua = \"IA\" }\n")) ==
              "farm.toml:3:19: good.csv: \"IA\" is in A, ua wants volts; name it: channels = { ua "
              "= \"NAME\" }");
        CHECK(
            folder.mistakes(farm("u = \"230 V\"\n", "recording = \"good.csv\"\np = \"3 kW\"\n")) ==
            "farm.toml:5:5: a recorded load takes no p; the recording has it: leave p out\n"
            "farm.toml:9:8: load x is recorded in good.csv, and supply main is not; a recorded "
            "current is right only beside the voltage recorded with it: give the meter a supply "
            "with the same recording");
    }

    TEST_CASE("a recorder that clipped is remarked on") {
        const FarmFolder folder;
        Recording r = sines(50, 6400, 1);
        for (RecordedChannel& c : r.channels) {
            for (double& v : c.values)
                v = std::min(v, 300.0);
            to_codes(c);
            c.stored_min = -1e9 / 0.4;
            c.stored_max = *std::max_element(c.codes.begin(), c.codes.end());
        }
        for (std::size_t c = 3; c < 6; ++c)
            r.channels[c].stored_max = 2147483647.0;
        std::vector<Mistake> mistakes;
        REQUIRE(
            write_comtrade(r, folder / "clipped.cfg", {2013, ComtradeType::binary32}, mistakes));
        const FarmPlan plan = folder.farm("[supply.main]\nrecording = \"clipped.cfg\"\n[[meter]]\n"
                                          "name = \"m\"\nmodel = \"kpm53\"\n");
        REQUIRE(plan.remarks.size() == 4);
        CHECK(plan.remarks[0].find("samples of UA are at the end of the recorder's range") !=
              std::string::npos);
    }
}
