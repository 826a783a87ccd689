#pragma once

#include "servers/faults/fault_spec.hpp"
#include "servers/faults/wire_form.hpp"
#include "servers/line/line_fault.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kpmsim {

/// A request or an answer on its way.
struct WireMessage {
    std::vector<std::uint8_t> bytes;
    LineTime at{};
    std::uint64_t exchange{0}; ///< request and answer have the same; 0 = it is neither
    std::optional<int> baud{};
};

/// What a fault remembers of one connection.
struct FaultMemory {
    std::vector<WireMessage> held;
    LineTime busy_until{}; ///< a slow line
    std::size_t passed{0}; ///< bytes
    bool begun{false};     ///< it has swallowed something
};

/// Numbers of one message's own, the same for the same request whenever it comes.
class FaultDraws {
public:
    FaultDraws(const Random& stream, std::uint64_t number, bool upstream)
        : stream_{stream.bits(2 * number + (upstream ? 1 : 0)), ""} {}
    double uniform() { return stream_.uniform(n_++); }
    double normal() { return stream_.normal(n_++); }
    std::uint8_t byte() { return static_cast<std::uint8_t>(stream_.bits(n_++)); }
    /// 0 to n - 1.
    std::size_t below(std::size_t n) {
        return static_cast<std::size_t>(uniform() * static_cast<double>(n));
    }

private:
    Random stream_;
    std::uint64_t n_{0};
};

/// One message in one fault.
struct FaultTurn {
    const FaultSpec& spec;
    WireForm form;
    LineSettings line; ///< of an RTU line
    bool upstream;
    bool hit; ///< else only its kind wants to see all that passes
    FaultMemory& memory;
    FaultDraws draws;
    std::vector<WireMessage> onward, back; ///< what becomes of it
    std::optional<EndOfConnection> end;

    void pass(WireMessage message) { onward.push_back(std::move(message)); }
    bool readable(const WireMessage& message) const {
        return message.bytes.size() >= framing::least(form);
    }
};

/// Where a kind has a meaning.
enum class FaultPlaces : std::uint8_t {
    all,
    rtu,        ///< characters on two wires
    connection, ///< TCP, whatever is spoken on it
};

/// One kind of fault: a pure function of a message, its turn and its moment.
struct FaultKind {
    std::string_view name;
    FaultPlaces places{FaultPlaces::all};
    void (*act)(WireMessage&& message, FaultTurn& turn){nullptr};
    bool sees_all{false};
};

std::span<const FaultKind> fault_kinds();
const FaultKind* find_fault_kind(std::string_view name);

} // namespace kpmsim
