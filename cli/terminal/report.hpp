#pragma once

#include "cli/terminal/exit.hpp"
#include "files/mistake.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

namespace kpmsim {

/// What had to be there for a start was not: a folder that cannot be written, say.
struct CouldNotStart : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Runs a verb and turns what it throws into a message on stderr and an exit code: mistakes in
/// files (2), listeners that cannot be opened (3), anything else (1).
Exit guarded(const std::function<Exit()>& verb);

/// Reads "60s", "10 min", "2h", and "10 cycles" of so many a second, or throws FileError that names the
/// flag.
std::chrono::nanoseconds parse_duration(const std::string& text, const std::string& flag,
                                        std::optional<double> cycle_hz = std::nullopt);

/// A mistake on the command line, thrown as FileError: kpmsim: --clock: …
[[noreturn]] void wrong_flag(const std::string& flag, const std::string& what,
                             const std::string& cure);
[[noreturn]] void wrong_flag(const std::string& flag, const Fault& fault);

} // namespace kpmsim
