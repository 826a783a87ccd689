#pragma once

#include "servers/line/line_settings.hpp"
#include "servers/line/traffic.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kpmsim {

/// What came over a line until it was quiet for long enough.
struct LineFrame {
    std::span<const std::uint8_t> bytes; ///< of a longer one than there is: one byte more than that
    int baud{0};                         ///< of its first bytes
    bool mixed_baud{false};              ///< later ones came at another rate
    LineTime begins{};                   ///< first bit on the wire
    std::optional<LineTime> last_end;    ///< of the frame before it, whoever sent that
};

/// What one station says to a frame.
struct LineReply {
    std::vector<std::uint8_t> bytes;
    LineSettings sent_with;
    LineTime
        turnaround; ///< from the last character of the frame on, and not before its silence is over
};

/// Those who listen on a line and how they speak: the framing, which the line knows nothing of.
class LineStations {
public:
    LineStations() = default;
    virtual ~LineStations() = default;
    LineStations(const LineStations&) = delete;
    LineStations& operator=(const LineStations&) = delete;

    virtual std::size_t longest_frame() const = 0; ///< bytes
    /// The silence that ends what has come so far from a client who sends like that.
    virtual LineTime silence_after(std::span<const std::uint8_t> bytes,
                                   const LineSettings& client) const = 0;
    /// A frame is over. Replies of several stations are on the wire at once.
    virtual std::vector<LineReply> hear(const LineFrame& frame) = 0;
    /// A frame met an answer: nobody understood it.
    virtual void collision() = 0;

    virtual const Traffic& traffic() const = 0;
    virtual std::string_view protocol() const = 0; ///< for the log: "Modbus-RTU"
    /// See ByteService.
    virtual std::string_view remark() const { return {}; }
};

} // namespace kpmsim
