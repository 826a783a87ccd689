// Dots between texts, since the last sign that no key holds. Values are no keys, but no value that is
// right has two dots outside a text either.

#include "files/toml_depth.hpp"

namespace kpmsim {
namespace {

/// The end of the text that begins at `at` with a quote: behind its last quote, or at the end of the
/// line (of the file, when it may go over lines) that cuts it off.
std::size_t behind_text(std::string_view toml, std::size_t at) {
    const char quote = toml[at];
    const auto quotes_from = [&](std::size_t from) {
        std::size_t count = 0;
        while (from + count < toml.size() && toml[from + count] == quote)
            ++count;
        return count;
    };
    const std::size_t opening = quotes_from(at);
    if (opening == 2)
        return at + 2; // nothing in it
    const bool long_text = opening >= 3;
    for (at += long_text ? 3 : 1; at < toml.size(); ++at) {
        if (toml[at] == '\n' && !long_text)
            return at;
        if (toml[at] == '\\' && quote == '"') {
            ++at;
        } else if (toml[at] == quote) {
            if (!long_text)
                return at + 1;
            // Three quotes close it; those before the last three are its own.
            const std::size_t closing = quotes_from(at);
            if (closing >= 3)
                return at + closing;
            at += closing - 1;
        }
    }
    return toml.size();
}

} // namespace

std::optional<TextPlace> too_many_parts(std::string_view toml, std::size_t most) {
    TextPlace place;
    std::size_t line_begin = 0;
    std::size_t dots = 0;
    const auto count_lines = [&](std::size_t from, std::size_t to) {
        for (; from < to; ++from) {
            if (toml[from] == '\n') {
                ++place.line;
                line_begin = from + 1;
            }
        }
    };
    for (std::size_t at = 0; at < toml.size();) {
        std::size_t next = at + 1;
        switch (toml[at]) {
        case '"':
        case '\'':
            next = behind_text(toml, at);
            break;
        case '#':
            next = toml.find('\n', at);
            next = next == std::string_view::npos ? toml.size() : next;
            break;
        case '.':
            if (++dots >= most) {
                place.column = static_cast<int>(at - line_begin) + 1;
                return place;
            }
            break;
        case '\n':
        case '=':
        case ',':
        case '[':
        case ']':
        case '{':
        case '}':
            dots = 0;
            break;
        default:
            break;
        }
        count_lines(at, next);
        at = next;
    }
    return std::nullopt;
}

} // namespace kpmsim
