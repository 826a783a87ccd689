#pragma once

#include "files/embedded_file.hpp"

#include <span>

namespace kpmsim {

/// The built-in meters; a name is "kpm33b/registers.toml".
std::span<const EmbeddedFile> builtin_files();

} // namespace kpmsim
