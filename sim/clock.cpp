#include "sim/clock.hpp"

#include "sim/iso_time.hpp"

#include <cstdio>
#include <cstdlib>

namespace kpmsim {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::local_days;
using std::chrono::year_month_day;

std::string text_of(CivilTime t, const char* format) {
    const CivilFields f = fields_of(t);
    char text[64];
    std::snprintf(text, sizeof text, format, f.year, f.month, f.day, f.hour, f.minute, f.second);
    return text;
}

} // namespace

CivilTime civil_time(CivilTime start, SimTime at) {
    return start + floor<std::chrono::seconds>(at.time_since_epoch());
}

std::string iso_text(CivilTime t) { return text_of(t, "%04d-%02d-%02dT%02d:%02d:%02d"); }

std::string compact_text(CivilTime t) { return text_of(t, "%04d%02d%02d%02d%02d%02d"); }

bool parse_iso(const std::string& text, CivilTime& out) {
    constexpr std::size_t to_the_second = 19;
    const auto time = read_iso(text);
    if (!time || text.size() != to_the_second || time->offset)
        return false;
    out = time->whole;
    return true;
}

CivilFields fields_of(CivilTime t) {
    const auto day = floor<days>(t);
    const year_month_day date{day};
    const std::chrono::hh_mm_ss time{t - day};
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count())};
}

bool from_fields(const CivilFields& f, CivilTime& out) {
    const auto inside = [](int value, int low, int high) { return value >= low && value <= high; };
    if (!inside(f.year, -32767, 32767) || !inside(f.month, 1, 12) || !inside(f.day, 1, 31) ||
        !inside(f.hour, 0, 23) || !inside(f.minute, 0, 59) || !inside(f.second, 0, 59))
        return false;
    const year_month_day date{std::chrono::year{f.year},
                              std::chrono::month{static_cast<unsigned>(f.month)},
                              std::chrono::day{static_cast<unsigned>(f.day)}};
    if (!date.ok())
        return false;
    out = local_days{date} + std::chrono::hours{f.hour} + std::chrono::minutes{f.minute} +
          std::chrono::seconds{f.second};
    return true;
}

} // namespace kpmsim
