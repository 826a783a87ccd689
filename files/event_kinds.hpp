#pragma once

#include <string_view>

namespace kpmsim {

/// What of a running farm can be listened to.
inline constexpr std::string_view event_kinds[]{"time",   "readings", "requests", "uploads",
                                                "relays", "actions",  "overloads"};

} // namespace kpmsim
