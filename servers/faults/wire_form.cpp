#include "servers/faults/wire_form.hpp"

#include "servers/modbus/rtu_frame.hpp"

namespace kpmsim::framing {
namespace {

constexpr std::size_t header = 7;        // transaction 2, protocol 2, length 2, unit 1
constexpr std::size_t before_length = 6; // what the length does not count

std::size_t before_pdu(WireForm form) { return form == WireForm::rtu ? 1 : header; }
std::size_t behind_pdu(WireForm form) { return form == WireForm::rtu ? 2 : 0; }

} // namespace

std::size_t least(WireForm form) { return form == WireForm::rtu ? least_rtu_frame : header + 1; }

std::uint8_t& unit(WireForm form, Bytes& message) { return message[before_pdu(form) - 1]; }

std::span<const std::uint8_t> pdu(WireForm form, const Bytes& message) {
    return std::span{message}.subspan(before_pdu(form),
                                      message.size() - before_pdu(form) - behind_pdu(form));
}

Bytes with_pdu(WireForm form, const Bytes& message, std::span<const std::uint8_t> pdu) {
    Bytes out{message.begin(), message.begin() + static_cast<std::ptrdiff_t>(before_pdu(form))};
    out.insert(out.end(), pdu.begin(), pdu.end());
    out.resize(out.size() + behind_pdu(form));
    seal(form, out);
    return out;
}

void seal(WireForm form, Bytes& message) {
    const std::size_t size = message.size();
    if (form == WireForm::rtu) {
        const auto crc = crc16(std::span{message}.first(size - 2));
        message[size - 2] = static_cast<std::uint8_t>(crc & 0xFF);
        message[size - 1] = static_cast<std::uint8_t>(crc >> 8);
    } else {
        message[4] = static_cast<std::uint8_t>((size - before_length) >> 8);
        message[5] = static_cast<std::uint8_t>((size - before_length) & 0xFF);
    }
}

std::optional<std::size_t> adu_length(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < before_length)
        return std::nullopt;
    const std::size_t length = static_cast<std::size_t>(bytes[4]) << 8 | bytes[5];
    if (bytes[2] != 0 || bytes[3] != 0 || length < 2 || length > 1 + max_pdu)
        return 0;
    return before_length + length;
}

} // namespace kpmsim::framing
