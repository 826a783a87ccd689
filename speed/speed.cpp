// Every figure is measured `runs` times. A run of a ratio takes both sides in turns of some
// milliseconds, so that whatever slows the machine slows both; it compares their CPU time, which
// other processes' work does not enter. Only threads against each other need the wall's.
#include "speed/speed.hpp"

#include "scenarios/farm/farm.hpp"
#include "sim/kernel_level.hpp"
#include "speed/farms.hpp"
#include "speed/harmonics.hpp"
#include "speed/kpm312.hpp"
#include "speed/textbook.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace kpmsim {

namespace {

/// What the compiler may not leave out, for it might be read.
volatile double kept = 0;

class Measuring {
public:
    Measuring(const SpeedOptions& options, int measurements,
              const std::function<void(int, int)>& progress)
        : options_{options}, all_{measurements * options.runs}, progress_{progress} {}

    /// Calls `run` as often as there are runs.
    template <class Run>
    void each(const Run& run) {
        for (int n = 0; n < options_.runs; ++n) {
            run();
            ++done_;
            if (progress_)
                progress_(std::min(done_, all_), all_);
        }
    }
    /// A quarter of the work when it is to be quick.
    int work(int turns) const { return options_.quick ? std::max(1, turns / 4) : turns; }
    void value(std::string_view key, double value) { values_[key].push_back(value); }

    std::optional<Spread> spread(std::string_view key) const {
        const auto at = values_.find(key);
        return at == values_.end() ? std::nullopt : std::optional{spread_of(at->second)};
    }

private:
    SpeedOptions options_;
    int done_{0};
    int all_;
    const std::function<void(int, int)>& progress_;
    std::map<std::string_view, std::vector<double>> values_;
};

template <class Rig>
double windows_cpu(Rig& rig, int count) {
    return cpu_of([&] {
        for (int n = 0; n < count; ++n)
            kept = rig.window();
    });
}

void one_meter(Measuring& m) {
    Pipeline pipeline{false};
    Textbook textbook;
    const int turns = m.work(32);
    constexpr int windows = 50; // of ours, for one of the textbook's
    m.each([&] {
        double ours = 0, usual = 0;
        for (int turn = 0; turn < turns; ++turn) {
            usual += windows_cpu(textbook, 1);
            ours += windows_cpu(pipeline, windows);
        }
        m.value("kpm312_x_realtime", turns * windows * window_s / ours);
        m.value("textbook_x_realtime", turns * window_s / usual);
        m.value("ratio_vs_textbook", usual * windows / ours);
    });
}

constexpr std::array levels{KernelLevel::baseline, KernelLevel::avx2, KernelLevel::avx512};

/// The same meter with each kernel that the machine has, in turns.
void each_kernel(Measuring& m) {
    const KernelLevel chosen = kernel_level();
    Pipeline pipeline{false};
    const int turns = m.work(8);
    constexpr int windows = 50;
    m.each([&] {
        std::array<double, levels.size()> taken{};
        for (int turn = 0; turn < turns; ++turn)
            for (std::size_t n = 0; n < levels.size(); ++n)
                if (use_kernel_level(levels[n]))
                    taken[n] += windows_cpu(pipeline, windows);
        for (std::size_t n = 0; n < levels.size(); ++n)
            if (taken[n] > 0)
                m.value(name_of(levels[n]), turns * windows * window_s / taken[n]);
    });
    use_kernel_level(chosen);
}

void one_meter_drifting(Measuring& m) {
    Pipeline pipeline{true};
    const int windows = m.work(1000);
    m.each([&] {
        m.value("kpm312_drifting_x_realtime", windows * window_s / windows_cpu(pipeline, windows));
    });
}

void harmonics(Measuring& m) {
    HarmonicsStages stages;
    const int turns = m.work(20);
    m.each([&] {
        double ours = 0, usual = 0;
        for (int turn = 0; turn < turns; ++turn) {
            ours += cpu_of([&] {
                for (int n = 0; n < 200; ++n)
                    kept = stages.folded();
            });
            usual += cpu_of([&] {
                for (int n = 0; n < 200; ++n)
                    kept = stages.transformed();
            });
        }
        m.value("harmonics_vs_fftw1280", ours / usual);
    });
}

void many_meters(Measuring& m) {
    Row row{1000, false};
    const int windows = m.work(8);
    m.each([&] {
        const double x = windows * window_s / windows_cpu(row, windows);
        m.value("meters_1000_x_realtime", x);
        m.value("kpm312_per_core", 1000 * x);
    });
}

void cost_of_a_meter(Measuring& m) {
    Row few{100, false};
    Row many{4000, false};
    const int turns = m.work(4);
    m.each([&] {
        double of_few = 0, of_many = 0;
        for (int turn = 0; turn < turns; ++turn) {
            of_few += windows_cpu(few, 20);
            of_many += windows_cpu(many, 1);
            of_few += windows_cpu(few, 20);
        }
        m.value("cost_ratio_4000_vs_100", of_many / of_few);
    });
}

/// A farm that goes on, second by second, as a served one does.
class RunningFarm {
public:
    RunningFarm(const FarmPlan& plan, int threads) : farm_{plan, threads}, now_{farm_.now()} {}

    void second() { go(std::chrono::seconds{1}); }
    void go(SimDuration time) {
        now_ += time;
        farm_.advance(now_);
        farm_.publish(now_);
    }

private:
    Farm farm_;
    SimTime now_;
};

void farm(Measuring& m) {
    RunningFarm running{kpm312_farm(1000), 1};
    const int seconds = m.work(2);
    m.each([&] {
        m.value("farm_1000_x_realtime", seconds / cpu_of([&] {
                                            for (int n = 0; n < seconds; ++n)
                                                running.second();
                                        }));
    });
}

void windows_only(Measuring& m) {
    RunningFarm running{stepping_farm(1), 1};
    const int minutes = m.work(2400);
    m.each([&] {
        m.value("window_x_realtime", 60 * minutes / cpu_of([&] {
                                         for (int n = 0; n < minutes; ++n)
                                             running.go(std::chrono::minutes{1});
                                     }));
    });
}

void two_threads(Measuring& m) {
    const FarmPlan plan = kpm312_farm(500);
    RunningFarm one{plan, 1};
    RunningFarm two{plan, 2};
    const int turns = m.work(4);
    m.each([&] {
        double with_one = 0, with_two = 0;
        for (int turn = 0; turn < turns; ++turn) {
            with_one += wall_of([&] { one.second(); });
            with_two += wall_of([&] { two.second(); });
        }
        m.value("two_thread_scaling", with_one / with_two);
    });
}

/// What a meter more takes in a farm that has metered for a second.
double resident_bytes_of_one(FarmPlan (*plan)(int)) {
    constexpr int fewer = 50, more = 1050;
    const auto with = [plan](int meters) {
        RunningFarm running{plan(meters), 1};
        running.second();
        return resident_bytes();
    };
    const double before = with(fewer);
    return (with(more) - before) / (more - fewer);
}

} // namespace

std::optional<bool> SpeedFigure::met() const {
    if (!target || !spread)
        return std::nullopt;
    return target->at_least ? spread->median >= target->value : spread->median <= target->value;
}

SpeedReport measure_speed(const SpeedOptions& options,
                          const std::function<void(int, int)>& progress) {
    SpeedReport report;
    report.machine = this_machine();
    report.options = options;
    report.kpm312_resident_bytes = resident_bytes_of_one(kpm312_farm);
    report.kpm33b_resident_bytes = resident_bytes_of_one(kpm33b_farm);

    std::vector<void (*)(Measuring&)> all{one_meter, one_meter_drifting, each_kernel,
                                          harmonics, many_meters,        cost_of_a_meter,
                                          farm,      windows_only};
    if (report.machine.cores >= 2)
        all.push_back(two_threads);
    Measuring m{options, static_cast<int>(all.size()), progress};
    for (const auto measure : all)
        measure(m);

    const auto at_least = [](double value) { return SpeedTarget{value, true}; };
    const auto at_most = [](double value) { return SpeedTarget{value, false}; };
    report.figures = {
        {"kpm312_x_realtime", "one KPM312, x real time", {}, at_least(5000)},
        {"kpm312_drifting_x_realtime", "the same while U and f wander", {}, {}},
        {"textbook_x_realtime", "the textbook loop, x real time", {}, {}},
        {"ratio_vs_textbook", "one KPM312 against the textbook loop", {}, at_least(250)},
        {"meters_1000_x_realtime", "1,000 KPM312, x real time", {}, at_least(5)},
        {"kpm312_per_core", "KPM312 that one core meters in real time", {}, {}},
        {"cost_ratio_4000_vs_100", "cost of a meter, 4,000 against 100", {}, at_most(1.15)},
        {"harmonics_vs_fftw1280", "harmonics stage against FFTW's 1280 points", {}, at_most(0.2)},
        {"farm_1000_x_realtime",
         "a farm of 1,000 KPM312 with truths and registers, x real time",
         {},
         {}},
        {"window_x_realtime",
         "one KPM312 on a profile of minutes, window fidelity, x real time",
         {},
         at_least(500'000)},
        {"two_thread_scaling", "the farm on two threads against one", {}, at_least(1.8)},
    };
    for (SpeedFigure& figure : report.figures)
        figure.spread = m.spread(figure.key);
    for (const KernelLevel level : levels)
        if (const auto spread = m.spread(name_of(level)))
            report.kernels.push_back({name_of(level), *spread});
    return report;
}

} // namespace kpmsim
