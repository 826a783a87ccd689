#pragma once

#include "scenarios/farm_plan.hpp"
#include "waveforms/terminals.hpp"

#include <array>
#include <vector>

namespace kpmsim {

/// What stands at one meter's terminals: its loads behind its transformers and leads.
class MeterFeed {
public:
    MeterFeed(const FarmPlan& plan, const MeterPlan& meter);

    TerminalSpectra at(const SupplyWindow& supply) const;
    const WiringSpec& wiring() const { return wiring_; }

private:
    struct LoopLoad {
        LoadSpec spec;
        SimDuration lead{}; ///< what a profile by the clock is ahead of the farm's time
        bool connected{false};
    };
    WiringSpec wiring_;
    std::vector<LoopLoad> loops_;
};

/// The converter of a meter: the type's scaling and the plan's errors.
MeteringConfig metering_config(const Instrument& instrument, const MeterPlan& meter,
                               double nominal_hz);

} // namespace kpmsim
