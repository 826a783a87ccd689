#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace kpmsim {

struct TextPlace {
    int line{1};
    int column{1};
};

/// Where a key of a TOML text has more than `most` dotted parts (a.b.c has three); nothing when none
/// has. To be asked before the text is parsed: what a parser builds of a key is as deep as it has
/// parts, and is taken apart by calls that are as deep.
std::optional<TextPlace> too_many_parts(std::string_view toml, std::size_t most);

} // namespace kpmsim
