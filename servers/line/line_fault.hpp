#pragma once

#include "servers/line/line_settings.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace kpmsim {

/// Bytes on their way through a fault, and when they come out of it.
struct Passing {
    std::vector<std::uint8_t> bytes;
    LineTime at{};
};

/// What goes wrong between a transport and the protocol on it. Each direction is asked for all bytes
/// that enter it, and appends what leaves it and when: as it came, altered, later, in pieces, or
/// nothing at all. Bytes do not overtake each other; what would leave earlier than what entered before
/// it leaves with that.
class LineFault {
public:
    LineFault() = default;
    virtual ~LineFault() = default;
    LineFault(const LineFault&) = delete;
    LineFault& operator=(const LineFault&) = delete;

    virtual void to_meter(std::span<const std::uint8_t> bytes, LineTime at,
                          std::vector<Passing>& out) = 0;
    virtual void to_client(std::span<const std::uint8_t> bytes, LineTime at,
                           std::vector<Passing>& out) = 0;
};

} // namespace kpmsim
