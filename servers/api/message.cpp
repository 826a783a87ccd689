#include "servers/api/message.hpp"

#include <charconv>
#include <fmt/format.h>

namespace kpmsim {
namespace {

std::optional<std::string> decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    for (std::size_t n = 0; n < text.size(); ++n) {
        if (text[n] == '+' && plus_is_blank) {
            out += ' ';
        } else if (text[n] != '%') {
            out += text[n];
        } else {
            unsigned char byte = 0;
            if (n + 2 >= text.size())
                return std::nullopt;
            const char* const first = text.data() + n + 1;
            const auto [end, error] = std::from_chars(first, first + 2, byte, 16);
            if (error != std::errc{} || end != first + 2)
                return std::nullopt;
            out += static_cast<char>(byte);
            n += 2;
        }
    }
    return out;
}

} // namespace

std::optional<ApiTarget> read_target(std::string_view target) {
    ApiTarget out;
    target = target.substr(0, target.find('#'));
    const auto question = target.find('?');
    std::string_view path = target.substr(0, question);
    while (!path.empty()) {
        path.remove_prefix(path.front() == '/' ? 1 : 0);
        const auto segment = decoded(path.substr(0, path.find('/')), false);
        if (!segment)
            return std::nullopt;
        out.path.push_back(*segment);
        path.remove_prefix(std::min(path.size(), path.find('/')));
    }
    std::string_view query =
        question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty())
            continue;
        const auto equals = pair.find('=');
        const auto key = decoded(pair.substr(0, equals), true);
        const auto value = decoded(
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
        if (!key || !value || !out.query.emplace(*key, *value).second)
            return std::nullopt;
    }
    return out;
}

std::string percent_encoded(std::string_view segment) {
    constexpr std::string_view plain = "-._~";
    std::string out;
    for (const char c : segment) {
        const bool letter =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (letter || plain.find(c) != std::string_view::npos)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

} // namespace kpmsim
