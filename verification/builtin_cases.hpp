#pragma once

#include "files/embedded_file.hpp"

#include <span>

namespace kpmsim {

/// The verification cases of tests/validation; a name is "01-voltage-sine/case.toml".
std::span<const EmbeddedFile> builtin_cases();

} // namespace kpmsim
