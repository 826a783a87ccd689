#include "files/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace kpmsim {
namespace {

/// The mark that stands in front, a blank that does not break and an apostrophe of UTF-8 as well.
std::string_view mark_of(std::string_view text) {
    for (const std::string_view mark : {".", ",", " ", "'", "\u00A0", "\u2009", "\u202F", "\u2019"})
        if (text.starts_with(mark))
            return mark;
    return {};
}

std::size_t digits_of(std::string_view text) {
    return std::min(text.find_first_not_of("0123456789"), text.size());
}

} // namespace

bool has_thousands_marks(std::string_view text) {
    if (text.starts_with('+') || text.starts_with('-'))
        text.remove_prefix(1);
    const std::size_t first = digits_of(text);
    if (first < 1 || first > 3)
        return false;
    text.remove_prefix(first);
    const std::string_view mark = mark_of(text);
    int groups = 0;
    while (!mark.empty() && text.starts_with(mark) && digits_of(text.substr(mark.size())) == 3) {
        text.remove_prefix(mark.size() + 3);
        ++groups;
    }
    const bool may_be_decimal = mark == "." || mark == ",";
    if (groups == 0 || (groups == 1 && may_be_decimal && text.empty()))
        return false;
    const bool fraction = text.starts_with('.') || text.starts_with(',');
    return text.empty() || (fraction && digits_of(text.substr(1)) == text.size() - 1);
}

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
