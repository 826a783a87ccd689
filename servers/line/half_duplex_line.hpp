#pragma once

#include "servers/line/line_stations.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kpmsim {

/// Two wires, as RS-485: bytes and times in, answers with their times out. A pure state machine, and
/// nothing but the physics: characters take their time, silence ends a frame, and two that speak at
/// once garble each other. What a frame means is the stations' matter.
///
/// Who is heard. From the end of a frame until the answer to it is over nothing else is taken: bytes
/// that come then are a collision, and where they meet the answer on the wire they garble it.
///
/// Whose answer it is. Each client of a line has a number, and the answer has that of whoever sent
/// the last bytes of the frame.
class HalfDuplexLine {
public:
    /// `settings`: the line's own. The stations outlive the line.
    HalfDuplexLine(LineSettings settings, LineStations& stations);

    /// Bytes that a client wrote; `client_baud` is what its end of the line is set to. They arrive
    /// as they would on the wire: the last of n bytes is complete n characters after `at` at the
    /// earliest.
    void receive(std::span<const std::uint8_t> bytes, int client_baud, LineTime at,
                 std::uint64_t client = 0);
    /// When something will happen without further input (a frame ends, an answer is due); nothing
    /// when idle.
    std::optional<LineTime> next_event() const;
    /// When the last character that clients wrote so far is on the wire.
    LineTime wire_free() const { return frame_end_; }

    struct Answer {
        std::vector<std::uint8_t> bytes;
        LineSettings sent_with; ///< the station's, when it was asked
        LineTime begins;        ///< first bit on the wire
        LineTime ends;          ///< last character complete: when a client may have all of it
        std::uint64_t client;   ///< that asked
    };
    /// Moves the line to `at`; returns the answers whose last character is complete by then.
    std::vector<Answer> advance(LineTime at);

    const LineSettings& settings() const { return settings_; }

private:
    void run_until(LineTime at);
    LineTime frame_deadline() const;
    void end_frame();
    void begin_answer(LineReply reply);
    void garble_answer(std::span<const std::uint8_t> bytes, LineTime begins);

    LineSettings settings_;
    LineStations& stations_;
    std::vector<std::uint8_t> frame_; ///< what came so far, at most one byte more than a frame has
    LineTime frame_begin_{};
    LineTime frame_end_{};
    int frame_baud_{0};      ///< of its first bytes
    bool mixed_baud_{false}; ///< later ones came at another rate
    bool collided_{false};
    std::uint64_t client_{0};                ///< who sent the last of it
    std::optional<LineTime> last_frame_end_; ///< of any frame, request or answer
    std::optional<Answer> pending_;          ///< worked out, not over yet
    std::vector<Answer> over_;               ///< for the next advance()
};

} // namespace kpmsim
