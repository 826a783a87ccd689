#pragma once

#include "servers/line/line_settings.hpp"
#include "sim/random.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace kpmsim {

/// How the times of a delay are spread.
enum class DelayLaw : std::uint8_t {
    fixed,
    uniform,    ///< delay - jitter to delay + jitter
    log_normal, ///< its median is the delay; one deviation up is delay + jitter
};

struct FaultKind;

/// One fault, as it is told: plain parameters, of which each kind reads its own.
struct FaultSpec {
    const FaultKind* kind{nullptr};
    Random stream{0, ""};   ///< where its draws come from
    double toxicity{1};     ///< probability with which a request in its range is hit
    bool upstream{false};   ///< on requests …
    bool downstream{true};  ///< … on answers
    std::uint64_t first{1}; ///< of the requests that it sees, from 1 …
    std::uint64_t last{std::numeric_limits<std::uint64_t>::max()}; ///< … to this one
    LineTime delay{};
    LineTime jitter{};
    DelayLaw law{DelayLaw::fixed};
    double bytes_per_s{0};
    std::size_t bytes{0}; ///< kept, added, in a slice, or before the end
    std::size_t vary{0};  ///< a slice is longer or shorter by up to so many
    int code{4};          ///< of an exception
    int baud{0};          ///< that the other end is set to
    bool odd{false};      ///< its parity
};

} // namespace kpmsim
