#pragma once

#include "scenarios/play/conductor.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

struct ServedOptions {
    std::string command;                                ///< for the shell
    std::optional<std::string> clock;                   ///< in the place of the farm's
    std::optional<std::chrono::nanoseconds> time_limit; ///< of the wall
};

/// What came of the command.
struct ServedEnd {
    std::optional<int> code;     ///< nothing: it did not end in time, or somebody stopped it
    std::string trouble;         ///< empty: none
    std::vector<Finding> posted; ///< what came of expectations that the API was told
};

/// Serves a scenario's farm as `up` does, on the ports that it names and free ones where it names none, while a command
/// runs beside it; its end ends the scenario. Throws CannotListen, CouldNotStart.
ServedEnd serve_scenario(Conductor& conductor, const ServedOptions& options);

} // namespace kpmsim
