#pragma once

#include "models/engine/memory.hpp"
#include "models/engine/meter_spec.hpp"
#include "sim/meter_state.hpp"

#include <cstdint>
#include <vector>

namespace kpmsim {

/// What a meter watches its readings for: the type's alarms with the thresholds that its settings make,
/// worked out anew when a setting changes.
///
/// unit    of the readings, at the primary
/// error   none: a size that is above (below) the threshold by the last bit is an alarm
/// source  KPM37 manual 4.2: LV, uV of Un, oV of Un, oI of In, oL of Pn, Unb, Inb; no manual has a
///         hysteresis or a delay
class Watch {
public:
    Watch(const MeterSpec& spec, const MeterMemory& memory);

    /// Bit n: the type's n-th alarm holds in the circuit.
    std::uint32_t alarms(int circuit, const Readings& readings, const MeterMemory& memory) const;
    bool empty() const { return limits_.empty(); }

private:
    struct Limit {
        std::vector<Slot> of; ///< empty: it is about an input
        double threshold{0};
        bool below{false};
        int input{0}; ///< of the meter
    };
    std::size_t rows_{0};
    std::vector<Limit> limits_; ///< of circuit 0, of circuit 1, …
};

} // namespace kpmsim
