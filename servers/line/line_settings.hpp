#pragma once

#include <chrono>

namespace kpmsim {

/// Real time on a line, from any fixed moment on; an argument, never asked for.
using LineTime = std::chrono::nanoseconds;

struct LineSettings {
    int baud{9600};
    int bits_per_character{10}; ///< start + 8 + parity + stop; 8N1 = 10, 8E1 = 11
    LineTime characters(double n) const;
};

} // namespace kpmsim
