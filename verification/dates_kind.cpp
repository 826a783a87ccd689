// Dates and times as a meter's clock has them, against a calendar that counts years and months one by one.
//
//   fields   year to second of a moment, and the moment of such fields; 1 for each that is another one
//   texts    2026-01-12T16:39:00 there and back, 20260112163900
//   refused  fields and texts that are no time and are taken for one
#include "sim/clock.hpp"
#include "verification/kind.hpp"

#include <array>
#include <string>

namespace kpmsim {

namespace {

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_of(int year, int month) {
    constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[static_cast<std::size_t>(month - 1)];
}

/// From 1970 on.
CivilFields counted(std::int64_t seconds) {
    std::int64_t days = seconds / 86'400;
    const int rest = static_cast<int>(seconds % 86'400);
    CivilFields f{1970, 1, 1, rest / 3600, rest / 60 % 60, rest % 60};
    for (; days >= (is_leap(f.year) ? 366 : 365); ++f.year)
        days -= is_leap(f.year) ? 366 : 365;
    for (; days >= days_of(f.year, f.month); ++f.month)
        days -= days_of(f.year, f.month);
    f.day = 1 + static_cast<int>(days);
    return f;
}

std::string padded(int number, std::size_t digits) {
    const std::string text = std::to_string(number);
    return std::string(digits - text.size(), '0') + text;
}

bool same(const CivilFields& a, const CivilFields& b) {
    return a.year == b.year && a.month == b.month && a.day == b.day && a.hour == b.hour &&
           a.minute == b.minute && a.second == b.second;
}

void check(std::int64_t seconds, Errors& errors) {
    const auto holds = [&](const char* what, bool right) { errors.add(what, right ? 0 : 1); };
    const CivilTime t{std::chrono::seconds{seconds}};
    const CivilFields f = counted(seconds);
    CivilTime back{};
    holds("fields", same(fields_of(t), f));
    holds("fields", from_fields(f, back) && back == t);
    const std::string date = padded(f.year, 4) + '-' + padded(f.month, 2) + '-' + padded(f.day, 2);
    const std::string time =
        padded(f.hour, 2) + ':' + padded(f.minute, 2) + ':' + padded(f.second, 2);
    holds("texts", iso_text(t) == date + 'T' + time);
    holds("texts", parse_iso(date + ' ' + time, back) && back == t);
    holds("texts", compact_text(t) == padded(f.year, 4) + padded(f.month, 2) + padded(f.day, 2) +
                                          padded(f.hour, 2) + padded(f.minute, 2) +
                                          padded(f.second, 2));
    const auto refused = [&](int CivilFields::*field, int value) {
        CivilFields wrong = f;
        wrong.*field = value;
        holds("refused", !from_fields(wrong, back));
    };
    refused(&CivilFields::month, 0);
    refused(&CivilFields::month, 13);
    refused(&CivilFields::day, 0);
    refused(&CivilFields::day, days_of(f.year, f.month) + 1);
    for (int CivilFields::*field : {&CivilFields::hour, &CivilFields::minute, &CivilFields::second})
        refused(field, -1);
    refused(&CivilFields::hour, 24);
    refused(&CivilFields::minute, 60);
    refused(&CivilFields::second, 60);
    for (const std::string& text : {date, date + 'T' + time + 'Z', date + "T" + time + ".5",
                                    date + "T24:00:00", "x" + date + 'T' + time})
        holds("refused", !parse_iso(text, back));
}

} // namespace

Run dates_kind(TomlTable& signal) {
    const int count = static_cast<int>(signal.integer("dates", 1, 100'000).value_or(100));
    return [count](Draw draw, Mode, Errors& errors) {
        constexpr double from_2000 = 946'684'800;
        constexpr double until_2100 = 4'102'444'800;
        for (int n = 0; n < count; ++n) {
            const auto t = static_cast<std::int64_t>(draw.between(from_2000, until_2100));
            check(t, errors);
            check(t - t % 86'400, errors);
            check(t - t % 86'400 - 1, errors);
        }
        check(951'782'400, errors);   // 2000-02-29
        check(1'709'164'800, errors); // 2024-02-29
    };
}

} // namespace kpmsim
