#include "servers/modbus/modbus_tcp.hpp"

#include "servers/modbus/modbus_pdu.hpp"

#include <array>
#include <optional>
#include <utility>

namespace kpmsim {
namespace {

// transaction 2, protocol 2, length 2, unit 1; the length counts the unit and the PDU
constexpr std::size_t header_size = 7;
constexpr std::size_t least_length = 2;
constexpr std::size_t most_length = 1 + max_pdu;

std::size_t word_at(std::span<const std::uint8_t> bytes, std::size_t i) {
    return static_cast<std::size_t>(bytes[i]) << 8 | bytes[i + 1];
}

void tell(const ModbusUnits& units, int id, const Circuit* circuit,
          std::span<const std::uint8_t> request, std::span<const std::uint8_t> answer) {
    if (units.watch)
        units.watch(id, circuit, request, answer);
}

void broadcast(const ModbusUnits& units, std::span<const std::uint8_t> pdu, Traffic& traffic) {
    ++traffic.broadcasts;
    for (const auto& unit : units.units) {
        if (!unit.circuit->meter().powered())
            continue;
        answer(*unit.circuit, pdu);
        tell(units, 0, unit.circuit, pdu, {});
    }
}

/// The answer of the meter at a unit id; nothing when there is none, or when several answer at once.
std::optional<Pdu> ask(const ModbusUnits& units, int id, std::span<const std::uint8_t> pdu,
                       Traffic& traffic) {
    Circuit* circuit = units.any != nullptr && units.any->meter().powered() ? units.any : nullptr;
    std::vector<Circuit*> others;
    for (const auto& unit : units.units) {
        if (units.any || unit.id() != id || !unit.circuit->meter().powered())
            continue;
        if (circuit)
            others.push_back(unit.circuit);
        else
            circuit = unit.circuit;
    }
    if (!circuit) {
        ++traffic.other_units;
        tell(units, id, nullptr, pdu, {});
        return {};
    }
    const auto reply = answer(*circuit, pdu);
    tell(units, id, circuit, pdu, others.empty() ? reply.view() : std::span<const std::uint8_t>{});
    if (!others.empty()) {
        for (auto* const other : others) {
            answer(*other, pdu);
            tell(units, id, other, pdu, {});
        }
        ++traffic.collisions;
        return {};
    }
    ++traffic.requests;
    traffic.exceptions += reply.bytes[0] >> 7;
    return reply;
}

/// `header` is the request's: transaction and unit go back as they came.
void append_answer(std::vector<std::uint8_t>& out, std::span<const std::uint8_t> header,
                   const Pdu& pdu) {
    const auto length = 1 + pdu.size;
    const std::array<std::uint8_t, header_size> reply{header[0],
                                                      header[1],
                                                      0,
                                                      0,
                                                      static_cast<std::uint8_t>(length >> 8),
                                                      static_cast<std::uint8_t>(length & 0xFF),
                                                      header[6]};
    out.insert(out.end(), reply.begin(), reply.end());
    out.insert(out.end(), pdu.view().begin(), pdu.view().end());
}

} // namespace

TcpTurn serve_adus(const ModbusUnits& units, std::span<const std::uint8_t> in,
                   std::vector<std::uint8_t>& out, std::size_t out_limit, Traffic& traffic) {
    TcpTurn turn;
    // A request is carried out before the length of its answer is known, so room is kept for the
    // longest.
    while (out.size() + header_size + max_pdu <= out_limit) {
        const auto rest = in.subspan(turn.used);
        if (rest.size() < header_size - 1)
            return turn;
        const auto length = word_at(rest, 4);
        if (word_at(rest, 2) != 0 || length < least_length || length > most_length) {
            ++traffic.bad_header; // where the next ADU begins is anybody's guess
            turn.broken = true;
            return turn;
        }
        if (rest.size() < header_size - 1 + length)
            return turn;
        const auto unit = rest[6];
        const auto pdu = rest.subspan(header_size, length - 1);
        turn.used += header_size - 1 + length;

        if (unit == 0 && !units.any)
            broadcast(units, pdu, traffic);
        else if (const auto reply = ask(units, unit, pdu, traffic))
            append_answer(out, rest.first(header_size), *reply);
    }
    return turn;
}

struct ModbusTcp::Parts {
    ModbusUnits units;
    Traffic traffic;
};

namespace {

class AduService final : public ByteService {
public:
    explicit AduService(std::shared_ptr<ModbusTcp::Parts> shared) : shared_{std::move(shared)} {}

    std::size_t take(std::span<const std::uint8_t> in, const Arrival& /*arrival*/,
                     std::vector<std::uint8_t>& out) override {
        const TcpTurn turn = serve_adus(shared_->units, in, out, most_out, shared_->traffic);
        broken_ = turn.broken;
        return turn.used;
    }
    const Misfit* misfit() const override {
        static constexpr Misfit no_header{"an MBAP header", "does it speak RTU over TCP, or HTTP?"};
        return broken_ ? &no_header : nullptr;
    }

private:
    std::shared_ptr<ModbusTcp::Parts> shared_;
    bool broken_{false};
};

} // namespace

ModbusTcp::ModbusTcp(ModbusUnits units)
    : parts_{std::make_shared<Parts>(Parts{std::move(units), {}})} {}

std::unique_ptr<ByteService> ModbusTcp::connect() { return std::make_unique<AduService>(parts_); }
const Traffic& ModbusTcp::traffic() const { return parts_->traffic; }
ModbusUnits& ModbusTcp::units() { return parts_->units; }

} // namespace kpmsim
