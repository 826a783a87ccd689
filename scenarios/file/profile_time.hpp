#pragma once

#include "sim/iso_time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kpmsim {

/// How a profile writes its times, and where they count from.
enum class ProfileClock {
    seconds, ///< "90.5": from the farm's start
    day,     ///< "08:15", "08:15:00": from midnight
    dates,   ///< "2026-01-12T08:15": from 1970, by the site's clock
    instants ///< "2026-01-12T08:15+01:00": the same, brought to the site's clock
};

struct ProfileTime {
    SimDuration at{};
    ProfileClock clock{};
};

/// How the times are to be understood.
struct ProfileTimeRules {
    char decimal{'.'};
    std::optional<std::chrono::minutes> zone{}; ///< of the site, from UTC, where it is known
};

/// One time of a profile; on failure `cure` says what to write.
std::optional<ProfileTime> read_profile_time(std::string_view text, const ProfileTimeRules& rules,
                                             std::string& cure);

} // namespace kpmsim
