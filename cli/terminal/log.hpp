#pragma once

#include <string>

namespace kpmsim {

/// The program's log: stderr, one event a line, level from KPMSIM_LOG_LEVEL (trace … off; default
/// info, or warn beside a live table, which the lines would tear). It holds nobody up: a line that
/// stderr does not take at once is lost, and how many were is said as soon as it takes one again.
void set_up_log(bool beside_live_table);

/// A line of the log as it is, without time and level, at every level.
void log_bare(const std::string& line);

} // namespace kpmsim
