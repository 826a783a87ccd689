#include "recordings/numbers.hpp"

#include <charconv>
#include <cmath>

namespace kpmsim {

std::string_view trimmed(std::string_view text) {
    const auto unseen = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!text.empty() && unseen(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && unseen(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> cells_of(std::string_view line, char separator) {
    std::vector<std::string_view> cells;
    for (;;) {
        const std::size_t comma = line.find(separator);
        cells.push_back(trimmed(line.substr(0, comma)));
        if (comma == std::string_view::npos)
            return cells;
        line.remove_prefix(comma + 1);
    }
}

std::optional<std::int64_t> read_whole(std::string_view text) {
    text = trimmed(text);
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc{} && end == text.data() + text.size())
        return whole;
    const auto number = read_number(text);
    if (!number || std::abs(*number) > 0x1p53 || *number != std::floor(*number))
        return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

} // namespace kpmsim
