#include "scenarios/file/profile_time.hpp"

#include "files/number.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace kpmsim {
namespace {

using namespace std::chrono_literals;

constexpr double longest_s = 1e9;

std::optional<SimDuration> seconds_of(std::string_view text, char decimal) {
    const auto value = read_number(text, decimal);
    if (!value || *value < 0.0 || *value > longest_s)
        return std::nullopt;
    return SimDuration{std::llround(*value * 1e9)};
}

/// "hh:mm" or "hh:mm:ss", up to 24:00.
std::optional<SimDuration> time_of_day(std::string_view text) {
    std::array<int, 3> part{};
    std::size_t parts = 0;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t to = std::min(text.find(':', from), text.size());
        if (parts == 3 || to - from < 1 || to - from > 2)
            return std::nullopt;
        const auto [end, error] =
            std::from_chars(text.data() + from, text.data() + to, part[parts]);
        if (error != std::errc{} || end != text.data() + to)
            return std::nullopt;
        ++parts;
        from = to + 1;
    }
    const auto at =
        std::chrono::hours{part[0]} + std::chrono::minutes{part[1]} + std::chrono::seconds{part[2]};
    if (part[1] > 59 || part[2] > 59 || part[0] < 0 || part[1] < 0 || part[2] < 0 || at > 24h)
        return std::nullopt;
    return at;
}

/// In nanoseconds since 1970 that 64 bits hold.
bool is_near(CivilTime t) {
    const int year = fields_of(t).year;
    return year >= 1900 && year < 2200;
}

} // namespace

std::optional<ProfileTime> read_profile_time(std::string_view text, const ProfileTimeRules& rules,
                                             std::string& cure) {
    cure =
        "write seconds from the start, hh:mm or hh:mm:ss up to 24:00, or a date and time such as "
        "2026-01-12T08:15";
    if (const auto iso = read_iso(text)) {
        if (!is_near(iso->whole)) {
            cure = "write a year from 1900 to 2199";
            return std::nullopt;
        }
        SimDuration at = iso->whole.time_since_epoch() + std::chrono::nanoseconds{iso->ns};
        if (!iso->offset)
            return ProfileTime{at, ProfileClock::dates};
        if (!rules.zone) {
            cure = "it has a zone, and the farm does not say its own: add zone = \"+01:00\", what "
                   "the site's clock is ahead of UTC, to [farm]";
            return std::nullopt;
        }
        return ProfileTime{at - *iso->offset + *rules.zone, ProfileClock::instants};
    }
    const bool clock = text.find(':') != std::string_view::npos;
    const auto at = clock ? time_of_day(text) : seconds_of(text, rules.decimal);
    if (!at)
        return std::nullopt;
    return ProfileTime{*at, clock ? ProfileClock::day : ProfileClock::seconds};
}

} // namespace kpmsim
