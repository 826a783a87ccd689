#pragma once

#include "servers/line/line_settings.hpp"

#include <chrono>

namespace kpmsim {

/// The present, as a service is told it.
inline LineTime line_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

inline std::chrono::steady_clock::time_point moment(LineTime at) {
    return std::chrono::steady_clock::time_point{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(at)};
}

} // namespace kpmsim
