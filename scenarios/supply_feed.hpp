#pragma once

#include "scenarios/farm_plan.hpp"
#include "sim/lock.hpp"
#include "sim/random.hpp"
#include "waveforms/supply.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace kpmsim {

/// A supply with the sample clock that follows it: gives one window after the other. All meters on
/// a supply see the same voltage and share the clock.
///
/// It has run for some seconds when it is made, so that the clock is locked: the next window begins
/// at or just after SimTime{}, and last() is the one before it. A recording has nothing before it to
/// lock to; there the clock begins with the frequency of its first window, which begins at
/// SimTime{}.
class SupplyFeed {
public:
    SupplyFeed(const FarmPlan& farm, const SupplyPlan& plan);

    /// The next window, when it ends at or before `to`.
    std::optional<SupplyWindow> next(SimTime to);
    const SupplyWindow& last() const { return last_; }
    const Random& stream() const { return stream_; }
    /// 50 or 60: how many cycles make a window.
    double nominal_hz() const { return nominal_hz_; }

private:
    void step();

    double nominal_hz_;
    double full_scale_v_;
    std::variant<Supply, RecordedSupply> supply_;
    Random stream_;
    SampleLock lock_;
    SupplyWindow last_;
    std::vector<double> samples_; ///< of the lock's own three inputs
};

} // namespace kpmsim
