#pragma once

#include <string>

namespace kpmsim {

/// "kpmsim 0.1.0 (commit)"
std::string version_text();

} // namespace kpmsim
