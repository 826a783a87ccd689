#pragma once

#include "files/embedded_file.hpp"

#include <span>

namespace kpmsim {

/// openapi.json.
std::span<const EmbeddedFile> api_files();

} // namespace kpmsim
