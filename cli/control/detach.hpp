#pragma once

#include "cli/terminal/exit.hpp"

#include <functional>
#include <string>

namespace kpmsim {

/// Runs a farm in a process of its own, away from the terminal, and returns once it is ready: its ready
/// file is there. What it would have said goes to `log`. When it cannot start, its exit code comes
/// back and the log's text is said. To be called before anything else was started.
Exit detached(const std::function<Exit()>& run, const std::string& ready_file,
              const std::string& log);

} // namespace kpmsim
