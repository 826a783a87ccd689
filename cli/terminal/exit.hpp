#pragma once

namespace kpmsim {

/// What the program's exit code says; documented in docs/reference/command-line.md.
enum class Exit : int {
    ok = 0,
    failed = 1, ///< it ran, and the answer is no: a meter did not answer, a value is missing
    usage = 2,  ///< the command line or a file is wrong
    could_not_start = 3, ///< a port is taken, a folder cannot be written, no broker
    nothing_ran = 4,     ///< no expectation of a scenario was looked at
};

} // namespace kpmsim
