#pragma once

#include "files/toml.hpp"

#include <map>
#include <string>
#include <vector>

namespace kpmsim {

/// What ${name} stands for, by name: numbers, texts, true and false.
using Parameters = std::map<std::string, TomlNode>;

/// Cases of one scenario at most.
inline constexpr std::size_t most_cases = 1000;

/// One case of a scenario.
struct ParameterCase {
    std::string name; ///< "residual=40 %,phases=a"; empty without a matrix
    Parameters values;
};

/// The cases that [scenario] makes: its `parameters`, with what was `set` on the command line in their
/// place, and one case for each combination of what its `matrix` lists.
std::vector<ParameterCase> cases_of(const TomlNode& scenario,
                                    const std::map<std::string, std::string>& set,
                                    std::vector<Mistake>& mistakes);

/// The tree with every ${…} in its texts filled in: a name, or arithmetic over names that are numbers. A text
/// that is nothing but ${name} becomes the value itself.
TomlNode filled_in(const TomlNode& tree, const Parameters& values, std::vector<Mistake>& mistakes);

} // namespace kpmsim
