// What it costs to keep a farm's state: a simulated minute in real time is one checkpoint and a moment shown
// every 0.2 s.
//
// The commits go on while the checkpoint is written beside them, as they do under `kpmsim up`; the longest of
// them is what an answer may have to wait for.
#include "scenarios/keep/state_store.hpp"
#include "scenarios/play/actions.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <thread>

namespace {

using namespace kpmsim;
using namespace std::chrono_literals;

constexpr int commits_a_minute = 300;

const TypeLibrary& types() {
    static const TypeLibrary library = TypeLibrary::builtin();
    return library;
}

FarmPlan many(int meters) {
    return parse_farm("[supply.main]\n[load.x]\np = \"3 kW\"\nvary = \"30 %\"\n"
                      "[[meter]]\nname = \"m-{n}\"\nmodel = \"kpm312\"\noptions = \"1B2B3B4B\"\n"
                      "loads = [\"x\", \"x\", \"x\", \"x\"]\ncount = " +
                          std::to_string(meters) + "\n",
                      "bench", types());
}

double process_seconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// A folder on the disk of this program's folder: /tmp may be none.
class Folder {
public:
    Folder() {
        std::string pattern = "kpmsim-state-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

void BM_state_of_a_minute(benchmark::State& state) {
    const FarmPlan plan = many(static_cast<int>(state.range(0)));
    Farm farm{plan, 1};
    Actions actions{farm};
    farm.advance(SimTime{1s});
    farm.publish(SimTime{1s});
    const Folder folder;
    StateStore store{folder.path()};
    store.read();
    store.begin({"bench", {}, "bench"}, {actions.save(), farm.now(), 0}, 0);
    std::chrono::nanoseconds longest{};
    std::int64_t commits = 0;
    bool whole = true;
    const double started = process_seconds();
    for (auto _ : state) {
        std::thread beside{[&] {
            whole &= !store.write({actions.save_metered(farm.now()), farm.now(), 0});
        }};
        for (int n = 0; n < commits_a_minute; ++n) {
            const auto begun = std::chrono::steady_clock::now();
            whole &= !store.show({farm.now(), farm.now()}, ++commits);
            longest = std::max<std::chrono::nanoseconds>(longest,
                                                         std::chrono::steady_clock::now() - begun);
            std::this_thread::sleep_for(1ms);
        }
        beside.join();
    }
    if (!whole)
        state.SkipWithError("it could not be written");
    const double minutes = static_cast<double>(state.iterations());
    state.counters["percent_of_a_core"] = 100 * (process_seconds() - started) / (60 * minutes);
    state.counters["longest_commit_ms"] = 1e-6 * static_cast<double>(longest.count());
    state.counters["megabytes"] = 1e-6 * static_cast<double>(actions.save().size());
}
BENCHMARK(BM_state_of_a_minute)
    ->ArgName("meters")
    ->Arg(1)
    ->Arg(1000)
    ->Iterations(10)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// One line of the journal: what a write waits for.
void BM_state_commit(benchmark::State& state) {
    const Folder folder;
    StateStore store{folder.path()};
    store.read();
    store.begin({"bench", {}, "bench"}, {Bytes(1000), {}, 0}, 0);
    const JournalLine line{WrittenCommand{"m-1", {{}, {{PointId{1}, 0, 3}}}}};
    bool whole = true;
    for (auto _ : state)
        whole &= !store.append(line, "m-1 is written ct = 3");
    if (!whole)
        state.SkipWithError("it could not be written");
}
BENCHMARK(BM_state_commit)->Unit(benchmark::kMicrosecond);

} // namespace
