#pragma once

#include "speed/machine.hpp"
#include "speed/turns.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace kpmsim {

struct SpeedOptions {
    int runs{9};
    bool quick{false}; ///< a quarter of the work in each run
};

/// What a figure is to be; it is met when the median is.
struct SpeedTarget {
    double value{0};
    bool at_least{true}; ///< at most otherwise
};

struct SpeedFigure {
    std::string_view key;         ///< in JSON: "kpm312_x_realtime"
    std::string_view what;        ///< for people
    std::optional<Spread> spread; ///< nothing where this machine cannot show it
    std::optional<SpeedTarget> target;

    /// Nothing without a target or a value.
    std::optional<bool> met() const;
};

/// One KPM312 with the sample loops of one level of the processor, x real time.
struct KernelSpeed {
    std::string_view kernel;
    Spread x_realtime;
};

struct SpeedReport {
    Machine machine;
    SpeedOptions options;
    std::vector<SpeedFigure> figures;
    std::vector<KernelSpeed> kernels; ///< those that this machine has
    double kpm312_resident_bytes{
        0}; ///< of one more meter in a farm that idles, served side included
    double kpm33b_resident_bytes{0};
};

/// Measures this machine: CPU time of the measuring thread, both sides of a ratio in turns; two
/// threads against one on the wall. Takes about 4 s a run (1 s when quick) on one core.
/// `progress(done, all)` is called between runs.
SpeedReport measure_speed(const SpeedOptions& options,
                          const std::function<void(int, int)>& progress = {});

} // namespace kpmsim
