#pragma once

#include "sim/clock.hpp"
#include "sim/quantity.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace kpmsim {

/// The readings of one window, primary side, units of the catalogue.
struct Readings {
    std::array<double, reading_slots> value{};
    KPMSIM_FIELDS(value);

    double& operator[](Slot s) { return value[static_cast<std::size_t>(s)]; }
    double operator[](Slot s) const { return value[static_cast<std::size_t>(s)]; }
};

/// Slot of the rms of harmonic `order` (1 to 31) of channel 0..5 (u_a u_b u_c i_a i_b i_c).
constexpr Slot harmonic_slot(int channel, int order) {
    return static_cast<Slot>(static_cast<int>(Slot::h_first) + channel * 31 + order - 1);
}
/// `first` moved on by `n` places: slot_at(Slot::p_a, phase).
constexpr Slot slot_at(Slot first, int n) { return static_cast<Slot>(static_cast<int>(first) + n); }

/// An energy register: whole watt-hours (varh, VAh) and the rest in microjoules (µvar·s).
/// No drift and no float: the sum of the parts is the sum of the whole, to the microjoule, at any
/// size.
struct EnergyCount {
    std::int64_t wh{0};
    std::int64_t uj{0}; ///< 0 <= uj < 3.6e9

    KPMSIM_FIELDS(wh, uj);
    static constexpr std::int64_t uj_per_wh = 3'600'000'000;

    /// Far enough from the ends of its type for sums of a few.
    bool valid() const {
        constexpr std::int64_t most = std::int64_t{1} << 60;
        return wh > -most && wh < most && uj >= 0 && uj < uj_per_wh;
    }

    void add_uj(std::int64_t amount) {
        uj += amount;
        if (uj >= uj_per_wh) {
            wh += uj / uj_per_wh;
            uj %= uj_per_wh;
        }
    }
    double kwh() const {
        return static_cast<double>(wh) * 1e-3 + static_cast<double>(uj) / (1e3 * uj_per_wh);
    }
    constexpr bool operator==(const EnergyCount&) const = default;
};

struct EnergyRegisters {
    std::array<EnergyCount, energy_slots> count{};
    KPMSIM_FIELDS(count);

    EnergyCount& operator[](Energy e) { return count[static_cast<std::size_t>(e)]; }
    const EnergyCount& operator[](Energy e) const { return count[static_cast<std::size_t>(e)]; }
    /// In kWh, kvarh or kVAh; also the ones that are worked out (p_total, p_net, …).
    double kilo(Energy e) const;
};

struct DemandReadings {
    static constexpr std::size_t first_maximum = static_cast<std::size_t>(Demand::p_max);

    std::array<double, demand_slots> value{};
    /// What the maxima and their times were when the month before ended.
    std::array<double, demand_slots - first_maximum> month_before{};
    KPMSIM_FIELDS(value, month_before);

    double& operator[](Demand d) { return value[static_cast<std::size_t>(d)]; }
    double operator[](Demand d) const { return value[static_cast<std::size_t>(d)]; }
    /// The month's maxima and their times, in the order of Demand from p_max on.
    std::span<double> maxima() { return std::span{value}.subspan(first_maximum); }
    /// Of a maximum or its time.
    double before(Demand d) const {
        return month_before[static_cast<std::size_t>(d) - first_maximum];
    }
};

/// What went beyond a converter's range: the readings of such a window are too small, and distorted.
/// The voltages are every circuit's. In three-wire systems the channels a and c hold Uab and Ucb.
struct ClipStatus {
    unsigned u{0};            ///< of the readings' window: bit 0 = channel a, 1 = b, 2 = c
    unsigned i{0};            ///< … of the currents
    std::uint64_t windows{0}; ///< with any of them, since counting began
    std::array<std::uint64_t, 6> channel_windows{}; ///< … of each: ua, ub, uc, ia, ib, ic
    KPMSIM_FIELDS(u, i, windows, channel_windows);

    /// A window is over.
    void count() {
        const unsigned all = u | i << 3;
        windows += all != 0 ? 1 : 0;
        for (std::size_t c = 0; c < channel_windows.size(); ++c)
            channel_windows[c] += all >> c & 1u;
    }
    double get(Status s) const {
        const std::array values{static_cast<double>(u), static_cast<double>(i),
                                static_cast<double>(windows)};
        return values[static_cast<std::size_t>(s)];
    }
    constexpr bool operator==(const ClipStatus&) const = default;
};

/// What one circuit (a KPM312 has four, every other meter one) shows: the state that all protocols
/// serve.
struct MeterState {
    SimTime at{};            ///< end of the window that the readings belong to
    std::uint64_t window{0}; ///< how many windows were counted
    Readings readings;
    EnergyRegisters energy;
    DemandReadings demand;
    ClipStatus clip;
    KPMSIM_FIELDS(at, window, readings, energy, demand, clip);

    /// The value of any quantity of the catalogue, in its unit there.
    double get(Quantity q) const;
};

} // namespace kpmsim
