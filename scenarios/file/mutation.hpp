#pragma once

#include "files/toml.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// A cause altered on purpose, and which expectations must see it: the proof that they can fail.
struct MutationPlan {
    std::string name;               ///< what is altered, for people
    std::vector<std::string> fails; ///< ids of the expectations that must fail, and no other
    TomlEntries set;                ///< facts in the place of others: supply, load, bus, meter, do
    std::vector<TomlNode> more;     ///< actions on top
    std::vector<std::string> without; ///< ids of actions that are left out
    Place place;
};

/// One [[mutation]], or the [mutation].
std::vector<MutationPlan> read_mutations(const TomlNode& root, std::vector<Mistake>& mistakes);

/// The scenario with it. Lists of tables are entered by name (a meter) or id (an action).
TomlNode mutated(const TomlNode& root, const MutationPlan& mutation,
                 std::vector<Mistake>& mistakes);

} // namespace kpmsim
