#pragma once

#include "scenarios/file/farm_plan.hpp"
#include "waveforms/load_changes.hpp"
#include "waveforms/terminals.hpp"
#include "waveforms/wiring_changes.hpp"

#include <array>
#include <optional>
#include <vector>

namespace kpmsim {

/// What stands at one meter's terminals: its loads behind its transformers and leads. It remembers
/// nothing: what it gives is a function of the supply's window.
class MeterTerminals {
public:
    MeterTerminals(const FarmPlan& plan, const MeterPlan& meter);

    /// The supply as it stands against the star point of its loads, where nothing holds that.
    /// `switched_off`: bit n = a relay keeps circuit n's load from drawing.
    std::optional<SupplyWindow> floating(const SupplyWindow& supply, unsigned switched_off) const;
    /// Before the start its loads draw what they draw at the start. `seen`: the supply, or floating().
    TerminalSpectra at(const SupplyWindow& seen, unsigned switched_off) const;
    /// Until when the middles of windows as long as this one, on a voltage that stays, find at the
    /// terminals what this one finds there; its own middle where something moves.
    SimTime steady_until(const Window& window) const;
    /// As it is in a window that begins then.
    WiringSpec wiring(SimTime at) const { return changed(wiring_, wiring_changes_, at); }

    /// Something that happens to a circuit's load, or to the wiring, from a moment on that was not
    /// gone through; and the end of what an action does.
    void change(int circuit, LoadChange what);
    void change(WiringChange what);
    void end(std::uint64_t action, SimTime at);

private:
    struct CircuitLoad {
        Load load{LoadSpec{}};
        SimDuration lead{}; ///< what its profile is ahead of the farm's time
        bool connected{false};
        std::optional<RecordedThree> recorded{};
        std::vector<LoadChange> changes{};
    };
    PhaseSamples recorded_samples(const CircuitLoad& load, const Window& window) const;
    WindowCurrents drawn_by(const CircuitLoad& circuit, const SupplyWindow& supply) const;

    WiringSpec wiring_;
    RecordedTime recorded_time_; ///< the supply's
    std::vector<CircuitLoad> circuits_;
    std::vector<WiringChange> wiring_changes_;
};

/// What one unit does wrong: drawn within its class where the plan asks for that, and what the plan
/// writes on top. Hangs on the farm's seed and the meter's name only.
MeterErrors unit_errors(const FarmPlan& plan, const MeterPlan& meter);

/// The converter of a meter: the type's scaling and the unit's errors.
MeteringConfig metering_config(const FarmPlan& plan, const MeterPlan& meter, double nominal_hz);

} // namespace kpmsim
