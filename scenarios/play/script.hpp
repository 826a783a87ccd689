#pragma once

#include "scenarios/file/condition.hpp"
#include "scenarios/file/scenario_plan.hpp"
#include "scenarios/play/expectation.hpp"
#include "scenarios/play/probe.hpp"

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

/// Throws FileError with every mistake of its files. `open_ended`: something else ends it, and it needs no
/// length.
Script read_script(ScenarioPlan plan, bool open_ended = false);

} // namespace kpmsim
