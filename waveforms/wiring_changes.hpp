#pragma once

#include "waveforms/disturbance.hpp"
#include "waveforms/terminals.hpp"

#include <cstdint>
#include <span>

namespace kpmsim {

enum class WiringChangeKind : std::uint8_t {
    ct_reversed, ///< of `terminal`
    ct_gain,     ///< the current of `terminal` times `value`: 0 = its lead is off
    ct_swapped,  ///< `terminal` and `other` exchanged
    ct_phase,    ///< `terminal` gets the current of phase `other`
    u_open,      ///< the lead of `terminal` is off
    u_gain,      ///< the voltage of `terminal` times `value`
    u_swapped,   ///< the leads of `terminal` and `other` exchanged
    ct_ratio,    ///< the transformers' ratio is `value`
    pt_ratio,
    neutral_lost, ///< the star point is nowhere connected
};

/// What somebody does in a cabinet: it holds from `from` on, for `length`.
struct WiringChange {
    std::uint64_t action{0}; ///< whose it is
    WiringChangeKind kind{};
    SimTime from{};
    SimDuration length{for_good};
    int circuit{-1}; ///< 0-based; -1 = all
    int terminal{0}; ///< 0 to 2
    int other{0};
    double value{1.0};

    bool holds(SimTime at) const { return at >= from && at - from < length; }
};

/// The wiring at a moment; of changes that meet, the later ones of the list come on
/// top.
WiringSpec changed(WiringSpec wiring, std::span<const WiringChange> changes, SimTime at);

/// Until when the wiring stays as it is at `at`.
SimTime steady_until(const WiringChange& change, SimTime at);

} // namespace kpmsim
