#include "servers/faults/fault_kind.hpp"

#include "servers/faults/altering_faults.hpp"
#include "servers/faults/timing_faults.hpp"

#include <algorithm>
#include <array>

namespace kpmsim {
namespace {

using enum FaultPlaces;

constexpr std::array kinds{
    FaultKind{"no-answer", all, fault::lose},
    FaultKind{"late-answer", all, fault::hold_for_next, true},
    FaultKind{"wrong-crc", rtu, fault::break_check},
    FaultKind{"wrong-unit", all, fault::change_unit},
    FaultKind{"truncated", all, fault::cut_short},
    FaultKind{"extra-bytes", all, fault::append_bytes},
    FaultKind{"exception", all, fault::refuse},
    FaultKind{"noise-bytes", all, fault::put_noise_before},
    FaultKind{"two-masters", rtu, fault::mix_with_master},
    FaultKind{"address-twice", rtu, fault::mix_with_twin},
    FaultKind{"wrong-baud", rtu, fault::change_baud},
    FaultKind{"wrong-parity", rtu, fault::check_parity},
    FaultKind{"line-cut", all, fault::lose},
    FaultKind{"line-shorted", rtu, fault::make_break},
    FaultKind{"latency", all, fault::delay},
    FaultKind{"bandwidth", all, fault::slow_down},
    FaultKind{"slicer", all, fault::slice},
    FaultKind{"limit-data", connection, fault::end_after_bytes},
    FaultKind{"timeout", connection, fault::lose_and_close},
    FaultKind{"reset-peer", connection, fault::reset},
    FaultKind{"half-open", connection, fault::forget_connection, true},
    // What the transport does, which asks for it: nothing becomes of the bytes.
    FaultKind{"slow-close", connection, nullptr},
    FaultKind{"refused", connection, nullptr},
};

} // namespace

std::span<const FaultKind> fault_kinds() { return kinds; }

const FaultKind* find_fault_kind(std::string_view name) {
    const auto at = std::find_if(kinds.begin(), kinds.end(),
                                 [&](const FaultKind& one) { return one.name == name; });
    return at == kinds.end() ? nullptr : &*at;
}

} // namespace kpmsim
