#pragma once

#include "cli/terminal/exit.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

struct RunScenariosOptions {
    std::vector<std::string> targets; ///< files, folders, shelf, shelf:NAME
    std::vector<std::string> tags;    ///< only scenarios with one of them
    std::vector<std::string> set;     ///< parameters: NAME=VALUE
    std::optional<std::uint64_t> seed;
    int jobs{1};
    int repeat{1};
    bool fail_fast{false};
    bool mutations{false}; ///< each scenario's mutations, too
    bool verbose{false};   ///< every expectation is shown
    bool json{false};
    std::string junit;
    std::string report;                    ///< a folder
    std::string exec;                      ///< a command for the shell that runs beside the farm
    std::optional<std::string> clock;      ///< … and at what pace
    std::optional<std::string> time_limit; ///< … and how long at most, of the wall: 10m
    std::string models;
};
/// Runs scenarios and says what came of them.
Exit run_scenarios(const RunScenariosOptions& options);

/// Plays the bundle of a failure again; ok where all of it is the same, to the bit.
Exit replay(const std::string& bundle, const std::string& models);

} // namespace kpmsim
