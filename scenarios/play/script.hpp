#pragma once

#include "scenarios/file/condition.hpp"
#include "scenarios/file/scenario_plan.hpp"
#include "scenarios/play/expectation.hpp"
#include "scenarios/play/probe.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// An action with its place in the scenario.
struct TimedAction {
    std::string id;   ///< empty = none
    TomlNode written; ///< the action itself; without `after` and `when`, with its own `at`
    Place place;
    std::string after;             ///< an id: it begins when that has happened …
    std::optional<Condition> when; ///< … or when this is so for the first time …
    SimDuration delay{};           ///< … and so much later; of `when`: watched from then on

    bool waits() const { return !after.empty() || when; }
};

/// A scenario, checked as a whole.
struct Script {
    ScenarioPlan plan; ///< its farm without actions
    std::vector<ProbePlan> probes;
    std::vector<TimedAction> actions;
    std::vector<Expectation> expectations;
};

/// What else a script must keep to.
struct ScriptRules {
    bool open_ended{false}; ///< something else ends it, and it needs no length
    /// Notes the mistakes of a [[client]].
    std::function<void(const TomlNode&, const FarmPlan&, std::vector<Mistake>&)> check_client{};
};

/// Throws FileError with every mistake of its files.
Script read_script(ScenarioPlan plan, const ScriptRules& rules = {});

} // namespace kpmsim
