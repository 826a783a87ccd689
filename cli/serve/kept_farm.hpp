#pragma once

#include "cli/serve/runner.hpp"
#include "scenarios/keep/state_keeper.hpp"
#include "scenarios/play/actions.hpp"

#include <memory>
#include <optional>

namespace kpmsim {

/// A running farm whose state is kept in a folder. What stands there is done again at the start; from then
/// on everything is kept. The log hears when something cannot be written, and when it can again.
class KeptFarm {
public:
    /// `began_elsewhere`: the farm is not at its start but goes on from a saved state. Throws CouldNotStart
    /// where nothing can be written, FileError where something else is.
    KeptFarm(const FarmPlan& plan, Farm& farm, Actions& actions, bool began_elsewhere);

    void follow(Runner::Hooks& hooks);
    void sent(); ///< all messages up to the farm's moment
    /// What is in the way of writing at this moment: why the farm stands still, or would if its time went on.
    std::optional<Fault> try_to_write();
    /// One on the disk, at once. Only between steps.
    std::optional<Fault> checkpoint();
    /// The last one.
    void close();

private:
    void open(const FarmPlan& plan, bool began_elsewhere);
    void go_on_from(const KeptState& kept, const FarmPlan& plan);
    void make_up_for(const KeptState& kept, const FarmPlan& plan);
    bool may_show(SimTime to);

    Farm& farm_;
    Actions& actions_;
    std::unique_ptr<StateStore> store_;
    std::unique_ptr<StateKeeper> keeper_;
    bool stands_still_{false};
    bool said_no_checkpoint_{false};
};

} // namespace kpmsim
