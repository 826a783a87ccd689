#include "recordings/comtrade_config.hpp"
#include "recordings/numbers.hpp"

#include <array>
#include <cstdio>
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
        if (!number)
            return std::nullopt;
        numbers[i] = *number;
    }
    return numbers;
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
    if (text.find_first_of("/:") == std::string_view::npos)
        return std::nullopt;
    // The digits tell what stamps count, whatever the date is.
    if (const std::size_t point = text.rfind('.'); point != std::string_view::npos) {
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
    const auto day = three(cells[0], '/');
    const auto clock = cells.size() == 2 ? three(cells[1], ':') : std::nullopt;
    if (day && clock && *day == std::array<int, 3>{})
        return date;
    date.exists = date.exists && day && clock && moment_of(*day, *clock, month_first, date.whole);
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
