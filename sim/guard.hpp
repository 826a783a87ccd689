#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace kpmsim {

/// Something is not as whoever checked it said it was.
struct BrokenInvariant : std::logic_error {
    using std::logic_error::logic_error;
};

/// An invariant that rests on what somebody writes, in a file or a request: their mistakes were told
/// before it came here. Unlike assert() it holds in release builds too. Throws BrokenInvariant with its
/// place.
inline void guard(bool holds, const std::source_location& where = std::source_location::current()) {
    if (!holds) [[unlikely]]
        throw BrokenInvariant{std::string{where.file_name()} + ':' + std::to_string(where.line()) +
                              ": " + where.function_name() +
                              " was given what should have been refused before"};
}

} // namespace kpmsim
