#pragma once

#include "files/mistake.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// Adds a mistake; line 0 is the file as a whole.
void note(std::vector<Mistake>& mistakes, const std::string& file, int line, std::string what,
          std::string cure);

} // namespace kpmsim
