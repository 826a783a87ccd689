#pragma once

#include "scenarios/play/actions.hpp"
#include "scenarios/play/farm_witness.hpp"
#include "scenarios/play/script.hpp"

#include <optional>
#include <vector>

namespace kpmsim {

/// Starts a scenario's actions: those with a moment at once, for the farm keeps it; the others when what
/// they wait for has come.
class Timeline {
public:
    /// What must outlive it.
    struct Stage {
        const FarmPlan& plan;
        Actions& actions;
        FarmWitness& witness;
    };
    Timeline(const std::vector<TimedAction>& actions, Stage stage);

    /// The next moment at which something begins, or must be asked.
    SimTime next(SimTime now) const;
    /// At a moment to which everything has gone.
    void look(SimTime now);

private:
    struct Waiting {
        const TimedAction* action{nullptr};
        bool started{false};
    };
    void start(Waiting& waiting, std::optional<SimTime> at);

    Stage stage_;
    std::vector<Waiting> waiting_;
    std::vector<SimTime> begins_; ///< of those that were started, in order
    SimDuration grain_;           ///< how often a condition is asked
};

} // namespace kpmsim
