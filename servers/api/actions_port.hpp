#pragma once

#include "files/mistake.hpp"
#include "sim/clock.hpp"
#include "sim/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// An action that was taken on.
struct StartedAction {
    std::string id;
    SimTime from{};
    std::optional<SimTime> until; ///< nothing: until somebody ends it
};

/// What the API needs of those who act on the farm. JSON is text here: its shape belongs to the table of
/// actions, not to HTTP. All calls on the loop's thread.
class ActionsPort {
public:
    virtual ~ActionsPort() = default;

    /// JSON: a list with an object for each kind, with its parameters.
    virtual std::string kinds() const = 0;
    /// JSON: a list with an object for each action that runs or is planned.
    virtual std::string list() const = 0;
    /// From the action as JSON. Mistakes have their place in it: "body/for". All or nothing.
    virtual Result<StartedAction, std::vector<Mistake>> start(std::string_view json) = 0;
    /// False when there is no such action.
    virtual bool end(const std::string& id) = 0;
    /// How many there were.
    virtual std::size_t end_all() = 0;
};

} // namespace kpmsim
