#pragma once

#include "cli/control/api_client.hpp"
#include "cli/terminal/exit.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace kpmsim {

// The verbs that are clients of a running farm's control API.

struct TimeOptions {
    ApiWhere where;
    std::string what;    ///< show, advance, until, speed, pause
    std::string operand; ///< 15m, 2026-02-01T00:00:00 or a condition, x60
    std::string at_most;
    bool json{false};
};
Exit wind_time(const TimeOptions& options);

struct GetOptions {
    ApiWhere where;
    std::string meter;
    std::vector<std::string> points; ///< empty = all
    int circuit{1};
    bool truth{false};
    bool json{false};
};
Exit get_points(const GetOptions& options);

struct SetOptions {
    ApiWhere where;
    std::string meter;
    std::vector<std::string> assignments; ///< demand_minutes=10
    int circuit{1};
    std::optional<std::string> password; ///< at its keys
};
Exit set_points(const SetOptions& options);

struct JournalOptions {
    ApiWhere where;
    std::string meter, line, kind;
    int limit{100};
    bool near_misses{false};
    bool json{false};
};
Exit show_journal(const JournalOptions& options);

struct SaveOptions {
    ApiWhere where;
    std::string file;
};
Exit save_farm(const SaveOptions& options);

struct WaitOptions {
    ApiWhere where;
    std::string timeout{"30s"};
};
Exit wait_for_farm(const WaitOptions& options);
Exit end_farm(const WaitOptions& options);

} // namespace kpmsim
