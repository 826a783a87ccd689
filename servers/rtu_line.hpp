#pragma once

#include "models/device.hpp"
#include "servers/traffic.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kpmsim {

/// Real time on a line, from any fixed moment on; an argument, never asked for.
using LineTime = std::chrono::nanoseconds;

struct LineSettings {
    int baud{9600};
    int bits_per_character{10}; ///< start + 8 + parity + stop; 8N1 = 10, 8E1 = 11
    LineTime characters(double n) const;
    /// Silence that ends a frame: 3.5 characters, 1.75 ms above 19200 Bd (Modbus over serial line
    /// V1.02, 2.5.1.1).
    LineTime silence() const;
};

/// Half-duplex RS-485 with several meters: bytes and times in, answers with their times out. A pure
/// state machine.
class RtuLine {
public:
    RtuLine(LineSettings settings, std::vector<Device*> devices);

    /// Bytes that a client wrote; `client_baud` is what its end of the line is set to. They arrive
    /// as they would on the wire: the last of n bytes is complete n characters after `at` at the
    /// earliest.
    void receive(std::span<const std::uint8_t> bytes, int client_baud, LineTime at);
    /// When something will happen without further input (a frame ends, an answer is due); nothing
    /// when idle.
    std::optional<LineTime> next_event() const;

    struct Answer {
        std::vector<std::uint8_t> bytes;
        LineTime begins; ///< first bit on the wire
        LineTime ends;   ///< last character complete: when a client may have all of it
    };
    /// Moves the line to `at`; returns the answers whose last character is complete by then.
    std::vector<Answer> advance(LineTime at);

    const Traffic& traffic() const;
    const LineSettings& settings() const;

private:
    struct Meter {
        Device* device;
        LineTime deaf_until{};
    };
    LineSettings settings_;
    std::vector<Meter> meters_;
    std::vector<std::uint8_t> frame_;
    LineTime frame_end_{};
    bool wrong_line_{false};
    std::vector<Answer> pending_;
    Traffic traffic_;
};

std::uint16_t crc16(std::span<const std::uint8_t> bytes);

} // namespace kpmsim
