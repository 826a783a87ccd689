#include "files/printable.hpp"

#include "files/utf8.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace kpmsim {
namespace {

/// C0, DEL and C1, which in UTF-8 is C2 80 to C2 9F: a terminal obeys them.
bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1)
        return first < 0x20 || first == 0x7F;
    return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

} // namespace

std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view character = text.substr(at, utf8_length(text, at));
        const bool stray =
            character.size() == 1 && static_cast<unsigned char>(character[0]) >= 0x80;
        if (stray || is_control(character))
            for (const char byte : character)
                out += fmt::format("\\x{:02X}", static_cast<unsigned char>(byte));
        else
            out += character;
        at += character.size();
    }
    return out;
}

std::string printable_lines(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        out += printable(text.substr(at, end - at));
        if (end < text.size())
            out += '\n';
        at = end + 1;
    }
    return out;
}

} // namespace kpmsim
