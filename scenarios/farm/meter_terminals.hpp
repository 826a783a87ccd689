#pragma once

#include "scenarios/file/farm_plan.hpp"
#include "waveforms/terminals.hpp"

#include <array>
#include <optional>
#include <vector>

namespace kpmsim {

/// What stands at one meter's terminals: its loads behind its transformers and leads. It remembers
/// nothing: what it gives is a function of the supply's window.
class MeterTerminals {
public:
    MeterTerminals(const FarmPlan& plan, const MeterPlan& meter);

    /// Before the start its loads draw what they draw at the start. `switched_off`: bit n = a relay
    /// keeps circuit n's load from drawing.
    TerminalSpectra at(const SupplyWindow& supply, unsigned switched_off) const;
    /// Until when its loads draw what they draw at `at`, on a voltage that stays; as steady_until()
    /// of a load.
    SimTime steady_until(SimTime at) const;
    const WiringSpec& wiring() const { return wiring_; }

private:
    struct CircuitLoad {
        Load load{LoadSpec{}};
        SimDuration lead{}; ///< what its profile is ahead of the farm's time
        bool connected{false};
        std::optional<RecordedThree> recorded{};
    };
    PhaseSamples recorded_samples(const CircuitLoad& load, const Window& window) const;

    WiringSpec wiring_;
    RecordedTime recorded_time_; ///< the supply's
    std::vector<CircuitLoad> circuits_;
};

/// What one unit does wrong: drawn within its class where the plan asks for that, and what the plan
/// writes on top. Hangs on the farm's seed and the meter's name only.
MeterErrors unit_errors(const FarmPlan& plan, const MeterPlan& meter);

/// The converter of a meter: the type's scaling and the unit's errors.
MeteringConfig metering_config(const FarmPlan& plan, const MeterPlan& meter, double nominal_hz);

} // namespace kpmsim
