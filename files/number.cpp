#include "files/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace kpmsim {

std::string_view without_plus(std::string_view text) {
    const bool signed_twice = text.size() > 1 && (text[1] == '-' || text[1] == '+');
    return text.starts_with('+') && !signed_twice ? text.substr(1) : text;
}

std::optional<double> read_number(std::string_view text, char decimal) {
    std::string with_point;
    if (decimal != '.') {
        if (text.find('.') != std::string_view::npos)
            return std::nullopt;
        with_point = text;
        std::replace(with_point.begin(), with_point.end(), decimal, '.');
        text = with_point;
    }
    text = without_plus(text);
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

std::optional<std::int64_t> whole_number(std::string_view text, int base) {
    std::int64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number, base);
    return text.empty() || error != std::errc{} || end != last ? std::nullopt
                                                               : std::optional{number};
}

namespace {

template <class Number>
std::string shortest(Number value) {
    std::array<char, 64> out{};
    return {out.data(), std::to_chars(out.data(), out.data() + out.size(), value).ptr};
}

} // namespace

std::string number_text(double value) { return shortest(value); }
std::string number_text(float value) { return shortest(value); }

} // namespace kpmsim
