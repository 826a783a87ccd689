#pragma once

#include "models/engine/meter.hpp"
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
///
/// When a frame ends. The rule of the specification, 3.5 characters of silence, needs a UART; here
/// the bytes come from a program that a scheduler may interrupt between two writes. So a frame whose
/// CRC is right and whose length is what its function code says ends after that silence, exactly;
/// anything else is given `scheduler_slack` more to become such a frame. Both ways a frame that
/// nothing is added to ends, and what was not one is counted by reason.
///
/// When a meter answers: `turnaround_ms` of its type after the last character of the request, not
/// before the silence is over.
///
/// At what speed. Each meter listens at the baud rate that it is set to (a type without that setting
/// is at the line's), and answers at it with the format that it is set to. A new rate holds from the
/// next frame on: the write itself is answered at the old one. A line may so carry meters at several
/// rates; a frame is heard by those that are set to its rate and is noise to the others.
///
/// What is answered. Requests only: on two wires everybody hears everybody, so an answer (another
/// meter's, or one's own that an adapter echoes) is nothing to answer; see is_answer().
///
/// Who is heard. A meter's minimum frame interval runs from the end of the last frame on the line,
/// whoever sent it. From the end of a request until its answer is over nothing else is taken: bytes
/// that come then are a collision, and where they meet the answer on the wire they garble it.
class RtuLine {
public:
    static constexpr LineTime scheduler_slack = std::chrono::milliseconds{20};

    /// `settings`: the line's own, which nothing but the timing of a type without settings hangs on.
    RtuLine(LineSettings settings, std::vector<Circuit*> circuits);

    /// Bytes that a client wrote; `client_baud` is what its end of the line is set to. They arrive
    /// as they would on the wire: the last of n bytes is complete n characters after `at` at the
    /// earliest.
    void receive(std::span<const std::uint8_t> bytes, int client_baud, LineTime at);
    /// When something will happen without further input (a frame ends, an answer is due); nothing
    /// when idle.
    std::optional<LineTime> next_event() const;
    /// When the last character that clients wrote so far is on the wire.
    LineTime wire_free() const { return frame_end_; }

    struct Answer {
        std::vector<std::uint8_t> bytes;
        LineSettings sent_with; ///< the meter's, when it was asked
        LineTime asked;         ///< last character of its request complete
        LineTime begins;        ///< first bit on the wire
        LineTime ends;          ///< last character complete: when a client may have all of it
    };
    /// Moves the line to `at`; returns the answers whose last character is complete by then.
    std::vector<Answer> advance(LineTime at);

    const Traffic& traffic() const { return traffic_; }
    const LineSettings& settings() const { return settings_; }

private:
    LineSettings settings_of(const Circuit& circuit) const;
    void run_until(LineTime at);
    LineTime frame_deadline() const;
    void end_frame();
    bool heard_by_any() const;
    void carry_out();
    void begin_answer(const Circuit& circuit, const LineSettings& sent_with,
                      std::vector<std::uint8_t> bytes);
    void garble_answer(std::span<const std::uint8_t> bytes, LineTime begins);

    LineSettings settings_;
    std::vector<Circuit*> devices_;
    std::vector<std::uint8_t> frame_; ///< what came so far, at most one byte more than a frame has
    LineTime frame_begin_{};
    LineTime frame_end_{};
    int frame_baud_{0};      ///< of its first bytes
    bool mixed_baud_{false}; ///< later ones came at another rate
    bool collided_{false};
    std::optional<LineTime> last_frame_end_; ///< of any frame, request or answer
    std::optional<Answer> pending_;          ///< worked out, not over yet
    std::vector<Answer> over_;               ///< for the next advance()
    Traffic traffic_;
};

std::uint16_t crc16(std::span<const std::uint8_t> bytes);

} // namespace kpmsim
