#pragma once

#include "scenarios/farm_plan.hpp"
#include "waveforms/terminals.hpp"

#include <array>
#include <optional>
#include <vector>

namespace kpmsim {

/// What stands at one meter's terminals: its loads behind its transformers and leads. It remembers
/// nothing: what it gives is a function of the supply's window.
class MeterFeed {
public:
    MeterFeed(const FarmPlan& plan, const MeterPlan& meter);

    /// Before the start its loads draw what they draw at the start. `switched_off`: bit n = a relay
    /// keeps loop n's load from drawing.
    TerminalSpectra at(const SupplyWindow& supply, unsigned switched_off) const;
    /// Until when its loads draw what they draw at `at`, on a voltage that stays; as steady_until()
    /// of a load.
    SimTime steady_until(SimTime at) const;
    const WiringSpec& wiring() const { return wiring_; }

private:
    struct LoopLoad {
        Load load{LoadSpec{}};
        SimDuration lead{}; ///< what its profile is ahead of the farm's time
        bool connected{false};
        std::optional<RecordedThree> recorded{};
    };
    PhaseRows recorded_rows(const LoopLoad& load, const Window& window) const;

    WiringSpec wiring_;
    RecordedTime recorded_time_; ///< the supply's
    std::vector<LoopLoad> loops_;
};

/// What one unit does wrong: drawn within its class where the plan asks for that, and what the plan
/// writes on top. Hangs on the farm's seed and the meter's name only.
MeterErrors unit_errors(const FarmPlan& plan, const MeterPlan& meter);

/// The converter of a meter: the type's scaling and the unit's errors.
MeteringConfig metering_config(const FarmPlan& plan, const MeterPlan& meter, double nominal_hz);

} // namespace kpmsim
