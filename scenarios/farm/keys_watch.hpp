#pragma once

#include "scenarios/farm/farm.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// A sentence for the log for each entry at keys that wrote nothing, as of the last publish(). It tells no
/// password.
std::vector<std::string> refused_at_keys(const Farm& farm);

} // namespace kpmsim
