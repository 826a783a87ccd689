#include "servers/modbus/rtu_frame.hpp"

#include <boost/crc.hpp>

namespace kpmsim {

// CRC-16/MODBUS: x^16 + x^15 + x^2 + 1, from FFFFH on, bits reversed.
std::uint16_t crc16(std::span<const std::uint8_t> bytes) {
    boost::crc_optimal<16, 0x8005, 0xFFFF, 0, true, true> crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return static_cast<std::uint16_t>(crc.checksum());
}

/// The CRC over a frame and its own check (low byte first) is zero when the check is right.
bool check_is_right(std::span<const std::uint8_t> frame) { return crc16(frame) == 0; }

bool is_whole_request(std::span<const std::uint8_t> frame) {
    if (frame.size() < least_rtu_frame || !check_is_right(frame))
        return false;
    const auto length = request_length(frame.subspan(1, frame.size() - around_pdu));
    return length && (*length == 0 || *length + around_pdu == frame.size());
}

std::vector<std::uint8_t> rtu_frame(std::uint8_t address, const Pdu& pdu) {
    std::vector<std::uint8_t> frame{address};
    frame.insert(frame.end(), pdu.view().begin(), pdu.view().end());
    const auto crc = crc16(frame);
    frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    frame.push_back(static_cast<std::uint8_t>(crc >> 8));
    return frame;
}

LineTime rtu_silence(const LineSettings& settings) {
    return settings.baud > 19200 ? LineTime{std::chrono::microseconds{1750}}
                                 : settings.characters(3.5);
}

} // namespace kpmsim
