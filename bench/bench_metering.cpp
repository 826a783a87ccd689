// How fast a KPM312 is simulated: 15 channels, orders 1 to 31 on each, converter noise on, from the
// supply's phasors to the registers. One window of 10 cycles is 0.2 s of the meter's life.
//
// The rigs are those of `kpmsim bench`, which takes both sides of a ratio in turns; here are single
// stages under Google Benchmark, for a profiler to look at.
#include "speed/harmonics.hpp"
#include "speed/kpm312.hpp"
#include "speed/textbook.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace kpmsim;

benchmark::Counter times_realtime(double simulated_s) {
    return {simulated_s, benchmark::Counter::kIsRate};
}

template <class Rig>
void run_windows(benchmark::State& state, Rig& rig) {
    for (auto _ : state)
        benchmark::DoNotOptimize(rig.window());
    state.counters["x_realtime"] =
        times_realtime(window_s * static_cast<double>(state.iterations()));
}

void BM_kpm312_pipeline(benchmark::State& state) {
    Pipeline pipeline{state.range(0) != 0};
    run_windows(state, pipeline);
}
BENCHMARK(BM_kpm312_pipeline)->ArgName("drifting")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void BM_textbook(benchmark::State& state) {
    Textbook textbook;
    run_windows(state, textbook);
}
BENCHMARK(BM_textbook)->Unit(benchmark::kMicrosecond);

/// Many KPM312 on one supply, window after window, as one thread of a farm takes them.
void BM_kpm312_row(benchmark::State& state) {
    Row row{static_cast<int>(state.range(0)), state.range(1) != 0};
    run_windows(state, row);
}
BENCHMARK(BM_kpm312_row)
    ->ArgNames({"meters", "drifting"})
    ->Args({100, 0})
    ->Args({1000, 0})
    ->Args({1000, 1})
    ->Args({4000, 0})
    ->Unit(benchmark::kMillisecond);

void BM_harmonics_folded(benchmark::State& state) {
    HarmonicsStages stages;
    for (auto _ : state)
        benchmark::DoNotOptimize(stages.folded());
}
BENCHMARK(BM_harmonics_folded)->Unit(benchmark::kMicrosecond);

void BM_harmonics_fftw1280(benchmark::State& state) {
    HarmonicsStages stages;
    for (auto _ : state)
        benchmark::DoNotOptimize(stages.transformed());
}
BENCHMARK(BM_harmonics_fftw1280)->Unit(benchmark::kMicrosecond);

} // namespace
