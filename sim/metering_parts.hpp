#pragma once

#include "sim/metering_state.hpp"
#include "sim/readings.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace kpmsim {

/// A channel's square with the unit of a code, V or A at the primary.
struct SummedChannel {
    double unit{0};
    double square{0};

    double rms() const { return unit * std::sqrt(square); }
};

/// What a Metering remembers, what it was built with, and how it goes from sums to states; for
/// metering.cpp and metering_repeat.cpp only.
struct Metering::Parts : MeteringState {
    /// Kept between windows only to save making it: nothing of one window is read in the next.
    struct Scratch {
        WindowCodes codes;
        WindowSums sums;
        alignas(
            64) std::array<double, max_samples_per_window> followed; ///< the voltage that f is of
    };
    static Scratch& scratch();

    MeteringConfig config; ///< its wiring is what the settings say
    Wiring built;          ///< … and that of its channels
    ChannelList channels;
    Random noise;
    Random of_window;  ///< what noise does to a window that is not sampled
    Random of_powers;  ///< … to the energies of several
    bool noisy{false}; ///< some channel has noise
    std::array<Resolution, max_circuits> resolution; ///< as the settings are

    Parts(const MeteringConfig& of, const Random& stream)
        : config{of}, built{of.wiring}, channels{of.channels()}, noise{stream},
          of_window{stream.key(), "window"}, of_powers{stream.key(), "powers"} {
        for (int c = 0; c < channels.size(); ++c)
            noisy = noisy || adc(c).noise_rms > 0;
    }

    /// A meter of one phase has no other wiring.
    void follow_settings();
    Resolution resolution_of(int circuit) const;
    bool reversed(int circuit, std::size_t phase) const {
        return (settings.reversed[static_cast<std::size_t>(circuit)] >> phase & 1u) != 0;
    }

    double ratio(int channel) const {
        const MeteredChannel of = channels[channel];
        return of.is_current() ? settings.ct[static_cast<std::size_t>(of.circuit)] : settings.pt;
    }
    const AdcChannel& adc(int channel) const {
        return config.adc[static_cast<std::size_t>(channel)];
    }
    /// Primary rms that a full-scale sine at the channel would have, times `fraction`.
    double of_full_scale(int channel, double fraction) const {
        return fraction * adc(channel).full_scale * ratio(channel) / std::numbers::sqrt2;
    }

    /// The window by the meter's own clock.
    Window by_own_clock(const Window& window) const {
        if (config.clock_error == 0)
            return window;
        const auto own = [&](SimTime t) {
            const auto ns = static_cast<double>(t.time_since_epoch().count());
            return t + SimDuration{std::llround(ns * config.clock_error)};
        };
        return {own(window.start), own(window.end()) - own(window.start), window.cycles};
    }
    SummedChannel channel(const WindowSums& sums, int channel) const {
        return {adc(channel).full_scale * ratio(channel) * 0x1p-23,
                sums.square[static_cast<std::size_t>(channel)]};
    }
    /// f of the strongest voltage, 0 without one.
    double follow(const Window& own, const WindowSums& sums, Scratch& s);
    VoltageWindow voltages(const WindowSums& sums, double f_hz) const;
    double start_a(int circuit) const {
        const auto at = static_cast<std::size_t>(circuit);
        return settings.start_current_a[at] * settings.ct[at];
    }
    /// Powers are 0 where a current is below `start_a`.
    CurrentWindow currents(const WindowSums& sums, int circuit, const VoltageWindow& u,
                           double start_a) const;
    /// Fills the slots that need the currents of a circuit.
    CurrentWindow current_state(const WindowSums& sums, int circuit, const VoltageWindow& u,
                                Readings& r) const;

    /// Shows a window's readings and what clipped in it.
    void observe(const SampleBlock& block);
    /// Mean powers of a window with these readings.
    WindowPowers powers_of(const Readings& readings) const;
    /// The readings of every circuit.
    void read(const WindowSums& sums, double f_hz, std::span<Readings* const> of_circuits) const;

    /// The moment's phase in turns that noise adds to the followed voltage.
    double phase_noise(std::uint64_t first_sample) const;
    double noisy_f_hz(const Window& own, double slip, std::uint64_t first_sample) const;
    void settle_noise(const SampleBlock& block, const WindowSums& sums);
    NoisyPowers::Mean mean_powers(const Repeat& run, int circuit) const;
};

} // namespace kpmsim
