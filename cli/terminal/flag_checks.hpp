#pragma once

#include <string>

namespace CLI {
class App;
}

// What an option's text must be, for CLI11: the fault and its cure, or nothing.

namespace kpmsim {

/// What a shell would have made of a path is not in it any more: --out=~/x comes as it is written.
std::string path_fault(const std::string& text);

/// Seeds are those of a farm file: 0 to 2^63 - 1.
std::string seed_fault(const std::string& text);

/// An option of the chosen verb that was given without its value ("--pty ''"), as a mistake for stderr;
/// nothing when there is none.
std::string empty_option(const CLI::App& app);

} // namespace kpmsim
