#pragma once

#include <string_view>

namespace kpmsim {

/// Whether a name fits a pattern in which * stands for any characters and ? for one.
bool fits(std::string_view name, std::string_view pattern);

} // namespace kpmsim
