#pragma once

#include "scenarios/keep/shown_record.hpp"

#include <string>

namespace kpmsim {

/// SQLite takes a log for ended where its bytes are not as they were. So what a database at `path` comes to
/// with its log is held to what clients were shown, and must be no less. Only when the machine was started
/// anew may some of it be lost; what is, comes back as a text for people, empty where nothing is. Throws
/// StateFault.
std::string hold_to_what_was_shown(const ShownRecord& record, const Promised& reached,
                                   const std::string& path);

/// That a folder without a database is one in which nothing was begun: else it is missing. `log`: its path.
/// Throws StateFault.
void check_that_nothing_is_left(const ShownRecord& record, const std::string& log);

} // namespace kpmsim
