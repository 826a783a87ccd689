#include "servers/modbus/rtu_meters.hpp"

#include "servers/modbus/rtu_frame.hpp"

#include <algorithm>
#include <utility>

namespace kpmsim {

LineSettings line_settings_of(const Circuit& circuit, LineSettings given) {
    LineSettings own = given;
    const Meter& meter = circuit.meter();
    own.baud = static_cast<int>(meter.shown(Role::line_baud, own.baud));
    if (circuit.type().setting(Role::line_format) != nullptr) {
        const auto format = static_cast<std::size_t>(meter.shown(Role::line_format, 0));
        own.bits_per_character = line_formats()[format] == "8N1" ? 10 : 11;
    }
    return own;
}

RtuMeters::RtuMeters(LineSettings line, std::vector<Circuit*> circuits, RequestWatch watch)
    : line_{line}, circuits_{std::move(circuits)}, watch_{std::move(watch)} {}

std::size_t RtuMeters::longest_frame() const { return most_rtu_frame; }

LineTime RtuMeters::silence_after(std::span<const std::uint8_t> bytes,
                                  const LineSettings& client) const {
    return rtu_silence(client) + (is_whole_request(bytes) ? LineTime{} : scheduler_slack);
}

std::vector<LineReply> RtuMeters::hear(const LineFrame& frame) {
    if (!heard_by_any(frame))
        ++traffic_.wrong_line;
    else if (frame.bytes.size() < least_rtu_frame)
        ++traffic_.short_frames;
    else if (frame.bytes.size() > most_rtu_frame)
        ++traffic_.long_frames;
    else if (!check_is_right(frame.bytes))
        ++traffic_.bad_crc;
    else
        return carry_out(frame);
    return {};
}

bool RtuMeters::heard_by_any(const LineFrame& frame) const {
    return !frame.mixed_baud && std::any_of(
                                    circuits_.begin(), circuits_.end(),
                                    [&](const Circuit* circuit) {
                                        return line_settings_of(*circuit, line_).baud == frame.baud;
                                    });
}

std::vector<LineReply> RtuMeters::carry_out(const LineFrame& frame) {
    const auto address = frame.bytes[0];
    const auto request = frame.bytes.subspan(1, frame.bytes.size() - around_pdu);
    if (is_answer(request)) {
        ++traffic_.answers_heard;
        return {};
    }
    const auto tell = [&](int unit, const Circuit* circuit, std::span<const std::uint8_t> said) {
        if (watch_)
            watch_(unit, circuit, request, said);
    };
    const auto deaf = [&](const Circuit& circuit) {
        const std::chrono::milliseconds interval{circuit.type().line.min_frame_interval_ms};
        return frame.last_end && frame.begins < *frame.last_end + interval;
    };

    // Who is meant, and how they are set, is known before anybody acts: a write may change both.
    struct Meant {
        Circuit* circuit;
        LineSettings set_to;
    };
    std::vector<Meant> meant;
    bool missed = false;
    bool elsewhere = false;
    for (auto* const circuit : circuits_) {
        if (!circuit->meter().powered() || (address != 0 && circuit->address() != address))
            continue;
        const auto set_to = line_settings_of(*circuit, line_);
        if (set_to.baud != frame.baud)
            elsewhere = true;
        else if (deaf(*circuit))
            missed = true;
        else
            meant.push_back({circuit, set_to});
    }
    if (missed)
        ++traffic_.too_soon;
    if (address == 0) {
        ++traffic_.broadcasts;
        for (const auto& each : meant) {
            answer(*each.circuit, request);
            tell(0, each.circuit, {});
        }
        return {};
    }
    if (meant.empty()) {
        if (!missed && !elsewhere)
            tell(address, nullptr, {});
        if (!missed)
            ++(elsewhere ? traffic_.wrong_line : traffic_.other_units);
        return {};
    }

    std::vector<LineReply> replies;
    for (const auto& each : meant) {
        const std::chrono::milliseconds turnaround{each.circuit->type().line.turnaround_ms};
        const Pdu reply = answer(*each.circuit, request);
        replies.push_back({rtu_frame(address, reply), each.set_to, turnaround});
        tell(address, each.circuit,
             meant.size() == 1 ? reply.view() : std::span<const std::uint8_t>{});
    }
    if (replies.size() == 1) {
        ++traffic_.requests;
        traffic_.exceptions += replies.front().bytes[1] >> 7;
    } else {
        ++traffic_.collisions;
    }
    return replies;
}

std::string_view RtuMeters::remark() const {
    return traffic_.answers_heard > 0 ? "hears answers, which no meter answers: does an adapter "
                                        "echo what the meters say?"
                                      : "";
}

} // namespace kpmsim
