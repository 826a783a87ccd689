#pragma once

#include <string>

namespace kpmsim {

/// "kpmsim 0.1.0 (commit)"
std::string version_text();
std::string version_number(); ///< 0.1.0
std::string version_commit();

} // namespace kpmsim
