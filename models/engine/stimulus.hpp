#pragma once

#include "sim/fields.hpp"

#include <cstdint>

namespace kpmsim {

enum class StimulusKind : std::uint8_t {
    contact,     ///< at a digital input; 1 closed, 0 open
    temperature, ///< degC at a sensor; not a number: its lead is open
    leakage,     ///< A at the supply's written voltage
    relay,       ///< where a relay's contact stays, whatever the relay is told; 1 closed, 0 open
};

constexpr bool valid(StimulusKind kind) { return kind <= StimulusKind::relay; }

/// What stands at an input of a meter besides voltages and currents, as long as an action holds it.
struct Stimulus {
    std::uint64_t action{0}; ///< whose it is
    StimulusKind kind{};
    int circuit{0};
    int input{0}; ///< 0-based, of the circuit
    double value{0};
    KPMSIM_FIELDS(action, kind, circuit, input, value);
};

} // namespace kpmsim
