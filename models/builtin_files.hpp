#pragma once

#include <span>
#include <string_view>

namespace kpmsim {

/// A file of models/ that was compiled in; `name` is "kpm33b/registers.toml".
struct BuiltinFile {
    std::string_view name;
    std::string_view text;
};
std::span<const BuiltinFile> builtin_files();

} // namespace kpmsim
