#pragma once

#include "files/embedded_file.hpp"

#include <span>

namespace kpmsim {

/// docs/reference/manuals.md: what the meters' documents say, statement by statement, and what of it is so.
std::span<const EmbeddedFile> coverage_files();

} // namespace kpmsim
