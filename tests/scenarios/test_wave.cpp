#include "farms.hpp"

#include "recordings/comtrade.hpp"
#include "recordings/timeline.hpp"
#include "recordings/wav.hpp"
#include "scenarios/measure/measure.hpp"
#include "scenarios/measure/wave.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

/// A meter with every error a converter can have, on a frequency that wanders.
const char* const faulty_meter = R"(
[farm]
seed = 7
start = "2026-03-01T12:00:00"
[supply.main]
u = "231 V"
harmonics.u = { 5 = "2 % @ 180deg", 7 = "1 %" }
drift.f = "20 mHz"
drift.f_time = "30 s"
[load.office]
p = "1.2 kW"
pf = "0.9 ind"
harmonics.i = { 3 = "20 %" }
[load.furnace]
p = "30 kW"
[[meter]]
name = "faulty"
model = "kpm53"
load = "office"
ct = "100/5 A"
adc = { noise = "0.01 %", gain_error = "0.3 %", offset = "0.1 %" }
[[meter]]
name = "overdriven"
model = "kpm53"
load = "furnace"
[[meter]]
name = "delta"
model = "kpm53"
wiring = "2LL2CT"
load = "office"
)";

FarmPlan plan_of(const std::string& text) { return parse_farm(text, "f.toml", test::types()); }

double rms_of(const RecordedChannel& channel, std::int64_t first, std::int64_t count) {
    long double sum = 0;
    long double square = 0;
    for (std::int64_t n = first; n < first + count; ++n) {
        sum += value(channel, n);
        square += static_cast<long double>(value(channel, n)) * value(channel, n);
    }
    const auto c = static_cast<long double>(count);
    return static_cast<double>(std::sqrt(square / c - sum / c * (sum / c)));
}

} // namespace

TEST_SUITE("scenario") {
    TEST_CASE("a wave's codes are those that the farm's meter counts with, errors and all") {
        const FarmPlan plan = plan_of(faulty_meter);
        Farm farm{plan, 1};
        const MeterState& state = farm.meters()[0].circuits()[0].state();
        const Recording r = wave_recording(plan, plan.meters[0], 100, SimTime{}, WaveData::codes);
        REQUIRE(r.samples() == 100 * samples_per_cycle);
        REQUIRE(r.channels.size() == 6);
        for (int window = 0; window < 10; ++window) {
            for (const std::uint64_t before = state.window; state.window == before;) {
                farm.advance(farm.now() + 50ms);
                farm.publish(farm.now() + 50ms);
            }
            const std::int64_t first = window * 10 * samples_per_cycle;
            const double u_a = rms_of(r.channels[0], first, 10 * samples_per_cycle);
            const double i_b = 20 * rms_of(r.channels[4], first, 10 * samples_per_cycle);
            CHECK(std::abs(u_a / state.readings[Slot::u_a] - 1) < 1e-13);
            CHECK(std::abs(i_b / state.readings[Slot::i_b] - 1) < 1e-13);
        }
    }

    TEST_CASE("a wave's rates follow the frequency and say when each window ended") {
        const FarmPlan plan = plan_of(faulty_meter);
        const Recording r =
            wave_recording(plan, plan.meters[0], 200, SimTime{3s}, WaveData::samples);
        CHECK(r.rates.size() > 3);
        REQUIRE(r.stamps_ns.size() == 200 * samples_per_cycle);
        for (const Stretch& s : timeline_of(r)) {
            const double stamp_s =
                1e-9 * static_cast<double>(r.stamps_ns[static_cast<std::size_t>(s.first)]);
            CHECK(std::abs(s.begin_s - stamp_s) < 1e-9 * static_cast<double>(r.rates.size()));
        }
        CHECK(r.start == plan.start + 3s);
        CHECK(r.start_ns < 200'000'000);
        // Five seconds of nanoseconds do not fit the 32 bits of a stamp.
        CHECK(wave_recording(plan, plan.meters[0], 250, SimTime{}, WaveData::samples)
                  .stamps_ns.empty());
    }

    TEST_CASE("what a converter clips stands at the end of the recording's range") {
        const FarmPlan plan = plan_of(faulty_meter);
        const Recording r = wave_recording(plan, plan.meters[1], 10, SimTime{}, WaveData::codes);
        CHECK(clipped_samples(r.channels[0]) == 0);
        CHECK(clipped_samples(r.channels[3]) > 10);
    }

    TEST_CASE("a wave has the channels of its wiring, and the transformers' ratios beside them") {
        const FarmPlan plan = plan_of(faulty_meter);
        const auto names = [&](std::size_t meter) {
            std::string text;
            for (const RecordedChannel& c :
                 wave_recording(plan, plan.meters[meter], 1, SimTime{}, WaveData::codes).channels)
                text += c.name + '/' + c.phase + ' ';
            return text;
        };
        CHECK(names(0) == "UA/A UB/B UC/C IA/A IB/B IC/C ");
        CHECK(names(2) == "UAB/AB UCB/CB IA/A IC/C ");
        const Recording r = wave_recording(plan, plan.meters[0], 1, SimTime{}, WaveData::codes);
        CHECK(r.channels[3].primary / r.channels[3].secondary == 20);
        CHECK_FALSE(r.channels[3].values_are_primary);
    }

    TEST_CASE("a wave fits COMTRADE to the bit, and a WAV once its rate is rounded") {
        const FarmPlan plan = plan_of(faulty_meter);
        Recording r = wave_recording(plan, plan.meters[0], 100, SimTime{}, WaveData::codes);
        std::vector<Mistake> mistakes;
        const auto text = comtrade_text(r, "w.cfg", {2013, ComtradeType::binary32}, mistakes);
        REQUIRE(text);
        const auto back = parse_comtrade({"w.cfg", text->cfg}, {"w.dat", text->dat}, mistakes);
        REQUIRE(back);
        CHECK(back->stamps_ns == r.stamps_ns);
        CHECK(back->start_ns == r.start_ns);
        for (std::size_t c = 0; c < r.channels.size(); ++c) {
            CHECK(back->channels[c].codes == r.channels[c].codes);
            CHECK(back->channels[c].scale == r.channels[c].scale);
        }
        Recording samples = wave_recording(plan, plan.meters[0], 100, SimTime{}, WaveData::samples);
        CHECK_FALSE(wav_bytes(samples, "w.wav", WavType::float32, mistakes));
        const double hz = round_rate(samples);
        CHECK(hz != 6400);
        CHECK(std::abs(hz - 6400) < 10);
        mistakes.clear();
        CHECK(wav_bytes(samples, "w.wav", WavType::float32, mistakes));
        CHECK(mistakes.empty());
    }

    TEST_CASE("the CSV of a wandering frequency and of any wiring measures as the farm read it") {
        const FarmPlan plan = plan_of(R"(
[farm]
seed = 7
[supply.main]
u = "231 V"
harmonics.u = { 5 = "2 % @ 180deg" }
drift.f = "20 mHz"
drift.f_time = "30 s"
[load.office]
p = "1.2 kW"
pf = "0.9 ind"
harmonics.i = { 3 = "20 %" }
[[meter]]
name = "star"
model = "kpm53"
load = "office"
[[meter]]
name = "delta"
model = "kpm53"
wiring = "2LL2CT"
load = "office"
)");
        for (std::size_t m = 0; m < 2; ++m) {
            const std::string path = (std::filesystem::temp_directory_path() /
                                      ("kpmsim-wave-" + std::to_string(getpid()) + ".csv"))
                                         .string();
            std::ofstream out{path};
            write_wave(plan, plan.meters[m], 200, SimTime{}, out);
            out.close();
            MeasureSpec spec;
            spec.type = test::types().find("kpm53");
            spec.wiring = m == 0 ? "3Ln3CT" : "2LL2CT";
            std::vector<Mistake> mistakes;
            const auto measured = measure(path, spec, mistakes);
            std::filesystem::remove(path);
            for (const Mistake& mistake : mistakes)
                FAIL(to_text(mistake));
            REQUIRE(measured);
            REQUIRE(measured->windows.size() >= 19);
            Farm farm{plan, 1};
            double least_hz = 1e9;
            double most_hz = 0;
            for (std::size_t w = 0; w < 19; ++w) {
                const MeterState& state = farm.meters()[m].circuits()[0].state();
                for (const std::uint64_t before = state.window; state.window == before;) {
                    farm.advance(farm.now() + 50ms);
                    farm.publish(farm.now() + 50ms);
                }
                const Readings& now = state.readings;
                const Readings& again = measured->windows[w].circuits[0].readings;
                least_hz = std::min(least_hz, now[Slot::f]);
                most_hz = std::max(most_hz, now[Slot::f]);
                if (w < 2) // the farm's clock knew the frequency before
                    continue;
                for (const Slot slot : {Slot::u_ab, Slot::u_ca, Slot::i_a, Slot::i_c, Slot::p,
                                        Slot::q, Slot::s, Slot::f})
                    CHECK(std::abs(again[slot] - now[slot]) < 1e-6 * std::abs(now[slot]));
            }
            CHECK(most_hz - least_hz > 0.002);
        }
    }
}
