#pragma once

#include "files/embedded_file.hpp"

#include <span>

namespace kpmsim {

/// The scenarios of the shelf; a name is "voltage-dip.toml".
std::span<const EmbeddedFile> shelf_files();

} // namespace kpmsim
