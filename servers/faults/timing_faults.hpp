#pragma once

#include "servers/faults/fault_kind.hpp"

/// Faults that leave the bytes as they are, but not their moments, or end the connection.
namespace kpmsim::fault {

/// An answer waits for the next request, and comes before the answer to that.
void hold_for_next(WireMessage&& message, FaultTurn& turn);
void delay(WireMessage&& message, FaultTurn& turn);
void slow_down(WireMessage&& message, FaultTurn& turn);
/// In pieces of `bytes`, more or less `vary`, `delay` apart.
void slice(WireMessage&& message, FaultTurn& turn);
/// Ends in order once so many bytes have passed.
void end_after_bytes(WireMessage&& message, FaultTurn& turn);
/// Nothing passes, and `delay` after the first of it the connection ends; 0: it does not end.
void lose_and_close(WireMessage&& message, FaultTurn& turn);
void reset(WireMessage&& message, FaultTurn& turn);
/// Nothing passes, and when the fault is over the connection is one that nobody knows any more.
void forget_connection(WireMessage&& message, FaultTurn& turn);

} // namespace kpmsim::fault
