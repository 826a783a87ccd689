#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace kpmsim {

/// What is wrong with the arguments, for stderr, where CLI11 would not name it: a verb or an option that
/// there is not, where it says what else is missing ("A subcommand is required"). Empty: CLI11's own words will do.
std::string usage_mistake(const CLI::App& app, const CLI::ParseError& error);

} // namespace kpmsim
