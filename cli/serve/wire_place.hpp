#pragma once

#include "models/engine/meter.hpp"
#include "servers/faults/wire_form.hpp"
#include "servers/line/fault_seat.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace kpmsim {

/// One way to meters, with its seat for faults: a line, a port, or a connection that a meter opens.
struct WirePlace {
    struct Unit {
        std::size_t meter{0}; ///< of the farm
        const Circuit* circuit{nullptr};
        int shift{0}; ///< unit id less address

        int id() const { return circuit->address() + shift; }
    };
    std::shared_ptr<FaultSeat> seat;
    WireForm form{WireForm::tcp};
    LineSettings line; ///< of RTU
    std::string bus;   ///< of the file; empty: it is none
    std::vector<Unit> units;
    bool tcp{true}; ///< clients come, or are gone to, by TCP
};

} // namespace kpmsim
