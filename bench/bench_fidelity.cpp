// Window fidelity: meters whose load steps once a minute, through the whole farm.
//
// A KPM312 has four loads of its own here, each a day's profile in steps, with harmonics; a minute
// is one sampled window at the step, the run to the next, and the truth of both. Served meters are
// published once a second of simulated time, as `kpmsim up` does it.
#include "scenarios/farm/farm.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <ctime>
#include <fstream>
#include <string>

namespace {

using namespace kpmsim;
using namespace std::chrono_literals;

const TypeLibrary& types() {
    static const TypeLibrary library = TypeLibrary::builtin();
    return library;
}

std::vector<ProfilePoint> day_in_steps() {
    std::vector<ProfilePoint> rows;
    for (int minute = 0; minute <= 24 * 60; ++minute) {
        const double p = 1000 + 37 * (minute * 61 % 97);
        rows.push_back({std::chrono::minutes{minute}, {p, 0.9 * p, 1.1 * p}, 0.95});
    }
    return rows;
}

FarmPlan stepwise(const char* model, int meters, bool noisy) {
    const std::string keys = std::string{model} == "kpm312"
                                 ? "options = \"1B2B3B4B\"\nloads = [\"x\", \"x\", \"x\", \"x\"]\n"
                                 : "load = \"x\"\n";
    FarmPlan plan =
        parse_farm("[supply.main]\nharmonics.u = { 3 = \"1 %\", 5 = \"2 %\", 7 = \"1 %\" }\n"
                   "[load.x]\np = \"3 kW\"\nvary = \"30 %\"\n"
                   "harmonics.i = { 3 = \"20 %\", 5 = \"10 %\", 7 = \"5 %\" }\n"
                   "[[meter]]\nname = \"m-{n}\"\nmodel = \"" +
                       std::string{model} + "\"\n" + keys + "count = " + std::to_string(meters) +
                       "\n" + (noisy ? "adc.noise = \"0.00063 %\"\n" : ""),
                   "bench", types());
    LoadSpec& load = plan.loads.front().spec;
    load.kind = LoadKind::profile;
    load.profile = day_in_steps();
    load.profile_shape = ProfileShape::steps;
    plan.fidelity = Fidelity::window;
    return plan;
}

double process_seconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double resident_bytes() {
    std::ifstream status{"/proc/self/statm"};
    double pages = 0;
    status >> pages >> pages;
    return pages * 4096;
}

/// One meter through an hour at a time.
void BM_window_stepwise(benchmark::State& state) {
    const char* const model = state.range(0) == 4 ? "kpm312" : "kpm33b";
    Farm farm{stepwise(model, 1, state.range(1) != 0), 1};
    SimTime at{};
    for (auto _ : state) {
        at += 1h;
        farm.advance(at);
        farm.publish(at);
    }
    state.counters["x_realtime"] = {3600.0 * static_cast<double>(state.iterations()),
                                    benchmark::Counter::kIsRate};
}
BENCHMARK(BM_window_stepwise)
    ->ArgNames({"loops", "noise"})
    ->Args({4, 0})
    ->Args({4, 1})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Unit(benchmark::kMillisecond);

/// Many meters, a minute at a time, published each second.
void BM_window_farm(benchmark::State& state) {
    const char* const model = state.range(0) == 4 ? "kpm312" : "kpm33b";
    const auto meters = static_cast<int>(state.range(1));
    const double before = resident_bytes();
    Farm farm{stepwise(model, meters, false), 1};
    SimTime at{};
    const double started = process_seconds();
    for (auto _ : state) {
        for (int second = 0; second < 60; ++second) {
            at += 1s;
            farm.advance(at);
            farm.publish(at);
        }
    }
    const double minutes = static_cast<double>(state.iterations()) * meters;
    state.counters["us_per_meter_minute"] = (process_seconds() - started) * 1e6 / minutes;
    state.counters["bytes_per_meter"] = (resident_bytes() - before) / meters;
}
BENCHMARK(BM_window_farm)
    ->ArgNames({"loops", "meters"})
    ->Args({4, 1000})
    ->Args({1, 1000})
    ->Args({4, 100000})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

} // namespace
