#include "servers/faults/altering_faults.hpp"

#include "servers/faults/uart.hpp"
#include "servers/line/both_drive.hpp"
#include "servers/modbus/rtu_frame.hpp"

#include <algorithm>
#include <array>

namespace kpmsim::fault {
namespace {

std::uint8_t other_unit(std::uint8_t unit) {
    return unit >= 247 ? std::uint8_t{1} : static_cast<std::uint8_t>(unit + 1);
}

framing::Bytes noise(std::size_t bytes, FaultDraws& draws) {
    framing::Bytes out(bytes);
    std::generate(out.begin(), out.end(), [&] { return draws.byte(); });
    return out;
}

/// An RTU frame of a unit that is not asked here.
framing::Bytes foreign(std::uint8_t unit, std::span<const std::uint8_t> pdu) {
    framing::Bytes out{unit};
    out.insert(out.end(), pdu.begin(), pdu.end());
    out.resize(out.size() + 2);
    framing::seal(WireForm::rtu, out);
    return out;
}

/// Both on the wires, the second one a character later.
void mix(framing::Bytes& first, std::span<const std::uint8_t> second, std::size_t later) {
    for (std::size_t n = 0; n < second.size(); ++n)
        if (n + later < first.size())
            first[n + later] = both_drive(first[n + later], second[n]);
        else
            first.push_back(second[n]);
}

} // namespace

void lose(WireMessage&&, FaultTurn&) {}

void break_check(WireMessage&& message, FaultTurn& turn) {
    message.bytes.back() ^= static_cast<std::uint8_t>(1u << turn.draws.below(8));
    turn.pass(std::move(message));
}

void change_unit(WireMessage&& message, FaultTurn& turn) {
    if (turn.readable(message)) {
        std::uint8_t& unit = framing::unit(turn.form, message.bytes);
        unit = other_unit(unit);
        framing::seal(turn.form, message.bytes);
    }
    turn.pass(std::move(message));
}

void cut_short(WireMessage&& message, FaultTurn& turn) {
    const std::size_t kept = turn.spec.bytes > 0 ? turn.spec.bytes : message.bytes.size() / 2;
    message.bytes.resize(std::min(message.bytes.size(), kept));
    turn.pass(std::move(message));
}

void append_bytes(WireMessage&& message, FaultTurn& turn) {
    const framing::Bytes more = noise(std::max<std::size_t>(1, turn.spec.bytes), turn.draws);
    message.bytes.insert(message.bytes.end(), more.begin(), more.end());
    turn.pass(std::move(message));
}

void refuse(WireMessage&& message, FaultTurn& turn) {
    if (!turn.readable(message))
        return turn.pass(std::move(message));
    const std::uint8_t function = framing::pdu(turn.form, message.bytes)[0];
    const std::array<std::uint8_t, 2> pdu{static_cast<std::uint8_t>(function | 0x80),
                                          static_cast<std::uint8_t>(turn.spec.code)};
    const auto asked = static_cast<double>(message.bytes.size());
    message.bytes = framing::with_pdu(turn.form, message.bytes, pdu);
    if (!turn.upstream)
        return turn.pass(std::move(message));
    if (turn.form == WireForm::rtu) // both take their time on the wires
        message.at += turn.line.characters(asked + static_cast<double>(message.bytes.size())) +
                      rtu_silence(turn.line);
    turn.back.push_back(std::move(message));
}

void put_noise_before(WireMessage&& message, FaultTurn& turn) {
    const framing::Bytes before = noise(std::max<std::size_t>(1, turn.spec.bytes), turn.draws);
    message.bytes.insert(message.bytes.begin(), before.begin(), before.end());
    turn.pass(std::move(message));
}

void mix_with_master(WireMessage&& message, FaultTurn& turn) {
    if (!turn.readable(message))
        return turn.pass(std::move(message));
    const std::uint8_t unit = other_unit(message.bytes[0]);
    if (turn.upstream) {
        const std::array<std::uint8_t, 5> pdu{3, 0, turn.draws.byte(), 0, 2};
        mix(message.bytes, foreign(unit, pdu), 1 + turn.draws.below(3));
        return turn.pass(std::move(message));
    }
    const std::array<std::uint8_t, 6> pdu{
        3, 4, turn.draws.byte(), turn.draws.byte(), turn.draws.byte(), turn.draws.byte()};
    const framing::Bytes answer = foreign(unit, pdu);
    message.bytes.insert(message.bytes.begin(), answer.begin(), answer.end());
    turn.pass(std::move(message));
}

void mix_with_twin(WireMessage&& message, FaultTurn& turn) {
    if (!turn.readable(message))
        return turn.pass(std::move(message));
    framing::Bytes twin = message.bytes;
    for (std::size_t n = 3; n + 2 < twin.size(); ++n) // behind address, function and byte count
        twin[n] = turn.draws.byte();
    framing::seal(WireForm::rtu, twin);
    mix(message.bytes, twin, turn.draws.below(2));
    turn.pass(std::move(message));
}

void change_baud(WireMessage&& message, FaultTurn& turn) {
    if (turn.upstream)
        message.baud = turn.spec.baud;
    else
        message.bytes = heard_at(message.bytes, turn.line.baud, turn.spec.baud);
    turn.pass(std::move(message));
}

void check_parity(WireMessage&& message, FaultTurn& turn) {
    message.bytes = heard_with_parity(message.bytes, turn.spec.odd);
    turn.pass(std::move(message));
}

void make_break(WireMessage&& message, FaultTurn& turn) {
    message.bytes = {0};
    turn.pass(std::move(message));
}

} // namespace kpmsim::fault
