#pragma once

#include "models/engine/meter.hpp"
#include "servers/line/line_stations.hpp"
#include "servers/modbus/request_watch.hpp"

#include <chrono>
#include <span>
#include <vector>

namespace kpmsim {

/// How a meter is set to speak on a line; what its type does not set is as given.
LineSettings line_settings_of(const Circuit& circuit, LineSettings given = {});

/// Meters that speak Modbus-RTU on a line.
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
/// whoever sent it.
class RtuMeters final : public LineStations {
public:
    static constexpr LineTime scheduler_slack = std::chrono::milliseconds{20};

    /// `line`: its settings, which nothing but the timing of a type without settings hangs on.
    RtuMeters(LineSettings line, std::vector<Circuit*> circuits, RequestWatch watch = {});

    /// Between two frames meters may come to the line and go.
    void add(Circuit& circuit) { circuits_.push_back(&circuit); }
    void remove(const Circuit& circuit) { std::erase(circuits_, &circuit); }

    std::size_t longest_frame() const override;
    LineTime silence_after(std::span<const std::uint8_t> bytes,
                           const LineSettings& client) const override;
    std::vector<LineReply> hear(const LineFrame& frame) override;
    void collision() override { ++traffic_.collisions; }

    const Traffic& traffic() const override { return traffic_; }
    std::string_view protocol() const override { return "Modbus-RTU"; }
    std::string_view remark() const override;

private:
    bool heard_by_any(const LineFrame& frame) const;
    std::vector<LineReply> carry_out(const LineFrame& frame);

    LineSettings line_;
    std::vector<Circuit*> circuits_;
    RequestWatch watch_;
    Traffic traffic_;
};

} // namespace kpmsim
