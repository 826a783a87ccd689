#pragma once

#include "scenarios/farm.hpp"

#include <string>

namespace kpmsim::test {

inline const TypeLibrary& types() {
    static const TypeLibrary library = TypeLibrary::builtin();
    return library;
}

inline std::string source(const std::string& path) {
    return std::string{KPMSIM_SOURCE_DIR} + '/' + path;
}

/// One line per mistake, as `kpmsim validate` shows them.
inline std::string mistakes_of(const std::string& text) {
    try {
        parse_farm(text, "f.toml", types());
        return "";
    } catch (const FileError& error) {
        return error.what();
    }
}

/// A file with one supply, one load and one meter, and room for more.
inline std::string with_meter(const std::string& keys) {
    return "[supply.main]\n[load.x]\np = \"3 kW\"\n[bus.line1]\n[[meter]]\nname = \"m-{n}\"\n" +
           keys;
}

} // namespace kpmsim::test
