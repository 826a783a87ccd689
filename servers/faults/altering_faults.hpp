#pragma once

#include "servers/faults/fault_kind.hpp"

/// Faults that alter a message, or lose it.
namespace kpmsim::fault {

void lose(WireMessage&& message, FaultTurn& turn);
void break_check(WireMessage&& message, FaultTurn& turn);
/// Another unit's, with a right check.
void change_unit(WireMessage&& message, FaultTurn& turn);
/// The first `bytes` are left; 0: half of it.
void cut_short(WireMessage&& message, FaultTurn& turn);
void append_bytes(WireMessage&& message, FaultTurn& turn);
/// An exception in the place of the answer; of a request, that no meter hears.
void refuse(WireMessage&& message, FaultTurn& turn);
void put_noise_before(WireMessage&& message, FaultTurn& turn);
/// A request meets that of another master; before an answer comes one to the other master.
void mix_with_master(WireMessage&& message, FaultTurn& turn);
/// Another meter answers at the same time, with other values.
void mix_with_twin(WireMessage&& message, FaultTurn& turn);
void change_baud(WireMessage&& message, FaultTurn& turn);
/// Characters without parity, read by an end that wants one in the place of the stop bit.
void check_parity(WireMessage&& message, FaultTurn& turn);
/// Two wires that touch: all that is heard is one long zero.
void make_break(WireMessage&& message, FaultTurn& turn);

} // namespace kpmsim::fault
