#pragma once

#include <string_view>

namespace kpmsim {

/// A file that was compiled in (cmake/embed.cmake).
struct EmbeddedFile {
    std::string_view name;
    std::string_view text;
};

} // namespace kpmsim
