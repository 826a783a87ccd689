#pragma once

#include "sim/quantity.hpp"

#include <cstdint>

namespace kpmsim {

inline constexpr int max_circuits = 4;
inline constexpr int max_channels = 3 + 3 * max_circuits;

/// How the voltages and currents reach the meter. KPM37's names; KPM53 calls the first three 3Ln3CT,
/// 2LL3CT, 2LL2CT. One-phase meters call theirs 1P2W.
enum class Wiring : std::uint8_t {
    p4l,  ///< star: Ua Ub Uc against N, three CTs
    p3l3, ///< delta, three CTs: the channels hold Uab, 0, Ucb and Ia, Ib, Ic (B is the reference)
    p3l2, ///< delta, two CTs: as p3l3, with no current in channel b; Ib = -(Ia + Ic) is worked out
    one_phase, ///< two wires: U against N and I, of whichever phase it hangs on; "a" to the meter
};

constexpr bool valid(Wiring wiring) { return wiring <= Wiring::one_phase; }

/// What one channel of a converter measures.
struct MeteredChannel {
    enum class Of : std::uint8_t { voltage, current, neutral_current };
    Of of{Of::voltage};
    int circuit{0}; ///< of a current; 0 for voltages, which all circuits share
    int phase{0};   ///< terminal 0, 1, 2 = a, b, c; of a neutral's current 0

    bool is_current() const { return of != Of::voltage; }
    bool operator==(const MeteredChannel&) const = default;
};

/// The channels of a meter, in the order of its sample blocks: the voltages, then each circuit's
/// currents, the neutral's last where that is measured.
struct ChannelList {
    int phases{3};
    int circuits{1};
    bool neutral{false}; ///< only with one phase

    constexpr int per_circuit() const { return phases + (neutral ? 1 : 0); }
    constexpr int size() const { return phases + circuits * per_circuit(); }
    constexpr int voltage(int phase) const { return phase; }
    /// `terminal`: the phase; one more is the neutral.
    constexpr int current(int circuit, int terminal) const {
        return phases + per_circuit() * circuit + terminal;
    }
    constexpr MeteredChannel operator[](int channel) const {
        if (channel < phases)
            return {MeteredChannel::Of::voltage, 0, channel};
        const int terminal = (channel - phases) % per_circuit();
        const int circuit = (channel - phases) / per_circuit();
        if (terminal == phases)
            return {MeteredChannel::Of::neutral_current, circuit, 0};
        return {MeteredChannel::Of::current, circuit, terminal};
    }
};
constexpr ChannelList channel_list(Wiring wiring, int circuits, bool neutral) {
    return {wiring == Wiring::one_phase ? 1 : 3, circuits, neutral};
}

/// Phases whose powers and energies are told apart; none without a neutral wire.
constexpr int metered_phases(Wiring wiring) {
    return wiring == Wiring::p4l ? 3 : wiring == Wiring::one_phase ? 1 : 0;
}

/// Whether a meter with such channels shows the quantity: one phase has no b and c, no lines, nothing
/// that compares phases; the neutral's current needs its channel.
bool has_quantity(const ChannelList& channels, Quantity q);

} // namespace kpmsim
