#pragma once

#include "sim/clock.hpp"
#include "sim/window.hpp"
#include "waveforms/recorded_samples.hpp"

#include <array>
#include <memory>
#include <string>

namespace kpmsim {

class RecordedSignal;

/// The three phases of a supply or a load in a recording.
struct RecordedThree {
    std::shared_ptr<const RecordedSignal> signal;    ///< V or A, of the primary side
    std::array<std::array<double, 3>, 3> of_phase{}; ///< what a, b, c take of its channels
};

/// How a recording lies in the farm's time. Outside of it everything is 0.
struct RecordedTime {
    SimDuration origin{}; ///< what stands at SimTime{}, after the stamp of its first sample
    SimDuration loop{};   ///< what follows origin comes again after so long; 0: it is played once
};

/// A recording that a farm plays, read and checked.
struct RecordingPlan {
    std::string file;
    RecordedThree three;
    RecordedTime time; ///< a load's is that of its supply
};

/// The recording's samples at a window's instants.
///
/// error   RecordedSignal
/// The loop is no shorter than the window.
PhaseSamples rows_of(const RecordedThree& three, const RecordedTime& time, const Window& window);

/// A supply that plays a recording.
class RecordedSupply {
public:
    explicit RecordedSupply(RecordingPlan plan) : plan_{std::move(plan)} {}

    /// Call with adjoining windows.
    SupplyWindow through(const Window& window) {
        return sampled_.through(window, rows_of(plan_.three, plan_.time, window));
    }
    /// All that it remembers; the recording is a function of the moment.
    const SampledSupply& state() const { return sampled_; }
    void restore(const SampledSupply& state) { sampled_ = state; }

private:
    RecordingPlan plan_;
    SampledSupply sampled_;
};

} // namespace kpmsim
