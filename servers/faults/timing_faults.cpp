#include "servers/faults/timing_faults.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kpmsim::fault {
namespace {

LineTime drawn_delay(const FaultSpec& spec, FaultDraws& draws) {
    const auto by = static_cast<double>(spec.delay.count());
    const auto jitter = static_cast<double>(spec.jitter.count());
    double ns = by;
    if (spec.law == DelayLaw::uniform)
        ns = by + jitter * (2 * draws.uniform() - 1);
    else if (spec.law == DelayLaw::log_normal && by > 0)
        ns = by * std::exp(std::log1p(jitter / by) * draws.normal());
    return LineTime{std::llround(std::max(0.0, ns))};
}

LineTime to_pass(std::size_t bytes, double bytes_per_s) {
    return LineTime{std::llround(1e9 * static_cast<double>(bytes) / bytes_per_s)};
}

/// The message's bytes from..to, at another moment.
WireMessage part(const WireMessage& of, std::size_t from, std::size_t to, LineTime at) {
    WireMessage out{{}, at, of.exchange, of.baud};
    out.bytes.assign(of.bytes.begin() + static_cast<std::ptrdiff_t>(from),
                     of.bytes.begin() + static_cast<std::ptrdiff_t>(to));
    return out;
}

} // namespace

void hold_for_next(WireMessage&& message, FaultTurn& turn) {
    if (!turn.upstream && turn.hit) {
        turn.memory.held.push_back(std::move(message));
        return;
    }
    if (turn.upstream)
        for (WireMessage& late : std::exchange(turn.memory.held, {})) {
            late.at = message.at;
            turn.back.push_back(std::move(late));
        }
    turn.pass(std::move(message));
}

void delay(WireMessage&& message, FaultTurn& turn) {
    message.at += drawn_delay(turn.spec, turn.draws);
    turn.pass(std::move(message));
}

void slow_down(WireMessage&& message, FaultTurn& turn) {
    // In pieces of a tenth of a second, as whoever reads sees them come.
    const auto most = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::min(turn.spec.bytes_per_s / 10, 65536.0)));
    LineTime at = std::max(message.at, turn.memory.busy_until);
    for (std::size_t from = 0; from < message.bytes.size();) {
        const std::size_t to = std::min(message.bytes.size(), from + most);
        at += to_pass(to - from, turn.spec.bytes_per_s);
        turn.pass(part(message, from, to, at));
        from = to;
    }
    turn.memory.busy_until = at;
}

void slice(WireMessage&& message, FaultTurn& turn) {
    LineTime at = message.at;
    for (std::size_t from = 0; from < message.bytes.size();) {
        const std::size_t more = turn.draws.below(2 * turn.spec.vary + 1);
        const std::size_t size = turn.spec.bytes + more;
        const std::size_t to =
            std::min(message.bytes.size(),
                     from + (size > turn.spec.vary + 1 ? size - turn.spec.vary : std::size_t{1}));
        turn.pass(part(message, from, to, at));
        at += turn.spec.delay;
        from = to;
    }
}

void end_after_bytes(WireMessage&& message, FaultTurn& turn) {
    const std::size_t left = turn.spec.bytes - std::min(turn.spec.bytes, turn.memory.passed);
    turn.memory.passed += message.bytes.size();
    const LineTime at = message.at;
    if (message.bytes.size() >= left) {
        message.bytes.resize(left);
        turn.end = EndOfConnection{HangUp::close, at};
    }
    turn.pass(std::move(message));
}

void lose_and_close(WireMessage&& message, FaultTurn& turn) {
    if (!std::exchange(turn.memory.begun, true) && turn.spec.delay > LineTime{})
        turn.end = EndOfConnection{HangUp::close, message.at + turn.spec.delay};
}

void reset(WireMessage&& message, FaultTurn& turn) {
    if (!std::exchange(turn.memory.begun, true))
        turn.end = EndOfConnection{HangUp::reset, message.at + turn.spec.delay};
}

void forget_connection(WireMessage&& message, FaultTurn& turn) {
    if (turn.hit)
        turn.memory.begun = true;
    if (!turn.memory.begun)
        turn.pass(std::move(message));
}

} // namespace kpmsim::fault
