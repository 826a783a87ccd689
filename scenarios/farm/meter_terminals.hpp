#pragma once

#include "scenarios/farm/wired_window.hpp"
#include "scenarios/file/farm_plan.hpp"
#include "waveforms/load_changes.hpp"
#include "waveforms/terminals.hpp"
#include "waveforms/wiring_changes.hpp"

#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace kpmsim {

/// What stands at one meter's terminals: its loads, or those of the meters that it sums, behind its
/// transformers and leads. It remembers nothing: what it gives is a function of the supply's window.
class MeterTerminals {
public:
    MeterTerminals(const FarmPlan& plan, const MeterPlan& meter);

    /// The meters that it sums; none: its loads are its own.
    const std::vector<std::size_t>& summed() const { return summed_; }
    /// Their places, in the order that they have, when these are others.
    void summed_stand_at(std::vector<std::size_t> places) { summed_ = std::move(places); }
    /// A window of the supply at the terminals. `switched_off`, of each meter that it sums, or its own: bit
    /// n = a relay keeps circuit n's load from drawing. Before the start its loads draw what they draw at
    /// the start.
    WiredWindow at(const SupplyWindow& supply, std::span<const unsigned> switched_off) const;
    /// Until when the middles of windows as long as this one, on a voltage that stays, find at the
    /// terminals what this one finds there; its own middle where something moves.
    SimTime steady_until(const Window& window) const;
    /// As it is then.
    WiringSpec wiring(SimTime at) const { return changed(wiring_, wiring_changes_, at); }

    /// Something that happens to the load of a circuit of a meter that it sums (0 = its own), to its
    /// own wiring or to that of one that it sums (of which the loss of the neutral is all that reaches
    /// it), from a moment on that was not gone through; and the end of what an action does.
    void change(std::size_t source, int circuit, LoadChange what);
    void change(WiringChange what);
    void change_source(std::size_t source, WiringChange what);
    /// What was done so far to a meter that it sums.
    void take_changes(std::size_t source, const MeterTerminals& of);
    void end(std::uint64_t action, SimTime at);
    void forget_changes();

private:
    struct ConnectedLoad {
        Load load{LoadSpec{}};
        SimDuration lead{}; ///< what its profile is ahead of the farm's time
        std::optional<RecordedThree> recorded{};
        std::size_t source{0};     ///< place in summed()
        std::size_t of_circuit{0}; ///< … of which it is the load
        std::size_t circuit{0};    ///< of this meter, which sees it
        double factor{1};          ///< … so large
        std::vector<LoadChange> changes{};
    };
    void connect(const FarmPlan& plan, const MeterPlan& meter, std::size_t source);
    WindowCurrents drawn(const ConnectedLoad& load, const SupplyWindow& supply) const;
    std::optional<SupplyWindow> floating(const SupplyWindow& supply, SimTime wired_at,
                                         std::span<const unsigned> switched_off) const;
    TerminalSpectra spectra(const SupplyWindow& seen, SimTime wired_at,
                            std::span<const unsigned> switched_off) const;
    std::vector<WiredRows> parts_of(const SupplyWindow& supply,
                                    std::span<const unsigned> switched_off) const;
    bool star_is_lost(std::size_t source, SimTime at) const;
    template <class Takes>
    SupplyWindow star_of(const SupplyWindow& supply, std::span<const unsigned> switched_off,
                         const Takes& takes) const;
    template <class Takes>
    void close_star(std::vector<WindowCurrents>& drawn, const Window& window,
                    const Takes& takes) const;
    PhaseSamples recorded_samples(const ConnectedLoad& load, const Window& window) const;

    WiringSpec wiring_;
    std::size_t circuits_;
    RecordedTime recorded_time_; ///< the supply's
    std::vector<std::size_t> summed_;
    std::vector<ConnectedLoad> loads_;
    std::vector<WiringChange> wiring_changes_;
    /// Of each meter that it sums, or its own: the phase on which it hangs, its share, and its wiring as
    /// far as it is a sum's.
    struct Source {
        std::optional<int> one_phase;
        double factor{1};
        WiringSpec wiring{};
        std::vector<WiringChange> wiring_changes{};
    };
    std::vector<Source> sources_;
};

/// What one unit does wrong: drawn within its class where the plan asks for that, and what the plan
/// writes on top. Hangs on the farm's seed and the meter's name only.
MeterErrors unit_errors(const FarmPlan& plan, const MeterPlan& meter);

/// The converter of a meter: the type's scaling and the unit's errors.
MeteringConfig metering_config(const FarmPlan& plan, const MeterPlan& meter, double nominal_hz);

} // namespace kpmsim
