#include "recordings/comtrade_config.hpp"
#include "recordings/numbers.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>

namespace kpmsim {
namespace {

/// Up to nine digits as a whole number; nothing when there is anything else.
std::optional<int> digits(std::string_view text) {
    if (text.empty() || text.size() > 9)
        return std::nullopt;
    int number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return number;
}

std::optional<std::array<int, 3>> three(std::string_view text, char separator) {
    const auto cells = cells_of(text, separator);
    if (cells.size() != 3)
        return std::nullopt;
    std::array<int, 3> numbers{};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto number = digits(cells[i]);
        if (!number || cells[i].size() > 4)
            return std::nullopt;
        numbers[i] = *number;
    }
    return numbers;
}

/// Day, month and year, as far as the signs between them tell: 01/02/2025, 01.02.2025, 2025-02-01.
struct WrittenDay {
    std::array<int, 3> day{};
    bool month_first{false};
};
std::optional<WrittenDay> written_day(std::string_view text, bool month_first) {
    for (const char separator : {'/', '.', '-'}) {
        auto day = three(text, separator);
        if (!day)
            continue;
        const bool year_first = text.find(separator) == 4;
        if (year_first)
            std::swap((*day)[0], (*day)[2]);
        return WrittenDay{*day, month_first && !year_first && separator == '/'};
    }
    return std::nullopt;
}

/// What cannot stand where a date should: the line before or after it, in a file that lacks one.
bool is_another_line(std::string_view text) {
    const auto cells = cells_of(text);
    const auto number = [](std::string_view cell) { return read_number(cell).has_value(); };
    if (std::all_of(cells.begin(), cells.end(), number))
        return true; // a rate, a factor
    std::string word;
    for (const char c : cells[0])
        word += c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
    return cells.size() == 1 &&
           (word.starts_with("ASCII") || word.starts_with("BINARY") || word.starts_with("FLOAT"));
}

/// False when there is no such moment.
bool moment_of(const std::array<int, 3>& day, const std::array<int, 3>& clock, bool month_first,
               CivilTime& out) {
    const int year = day[2] >= 100 ? day[2] : day[2] + (day[2] < 70 ? 2000 : 1900);
    // A leap second is the one that follows second 59.
    const int second = clock[2] == 60 ? 59 : clock[2];
    CivilFields fields{year, day[1], day[0], clock[0], clock[1], second};
    if (month_first)
        std::swap(fields.month, fields.day);
    if (!from_fields(fields, out)) {
        std::swap(fields.month, fields.day);
        if (!from_fields(fields, out))
            return false;
    }
    out += std::chrono::seconds{clock[2] - second};
    return true;
}

} // namespace

std::optional<ComtradeDate> read_date(std::string_view text, bool month_first) {
    ComtradeDate date;
    if (trimmed(text).empty() || trimmed(text) == ",")
        return date;
    if (is_another_line(text))
        return std::nullopt;
    // The digits tell what stamps count, whatever the date is. A date may have points itself.
    const std::size_t clock_begin = text.find_last_of(",:");
    const std::size_t point = text.rfind('.');
    if (clock_begin != std::string_view::npos && point != std::string_view::npos &&
        point > clock_begin) {
        const std::string_view fraction = trimmed(text.substr(point + 1));
        if (const auto part = digits(fraction)) {
            date.ns = *part;
            date.fraction_digits = static_cast<int>(fraction.size());
            for (int i = date.fraction_digits; i < 9; ++i)
                date.ns *= 10;
        } else if (!fraction.empty()) {
            date.exists = false;
        }
        text = text.substr(0, point);
    }
    const auto cells = cells_of(text);
    const auto written = written_day(cells[0], month_first);
    const auto clock = cells.size() == 2 ? three(cells[1], ':') : std::nullopt;
    date.exists = date.exists && written && clock &&
                  moment_of(written->day, *clock, written->month_first, date.whole);
    if (!date.exists)
        date.ns = 0;
    return date;
}

std::string date_text(CivilTime whole, std::int64_t ns, int fraction_digits) {
    const CivilFields f = fields_of(whole);
    char text[96];
    std::snprintf(text, sizeof text, "%02d/%02d/%04d,%02d:%02d:%02d.%09lld", f.day, f.month, f.year,
                  f.hour, f.minute, f.second, static_cast<long long>(ns));
    std::string out = text;
    out.resize(out.size() - static_cast<std::size_t>(9 - fraction_digits));
    return out;
}

} // namespace kpmsim
