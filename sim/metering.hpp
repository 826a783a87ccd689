#pragma once

#include "sim/adc.hpp"
#include "sim/channels.hpp"
#include "sim/clock.hpp"
#include "sim/level_errors.hpp"
#include "sim/meter_state.hpp"
#include "sim/random.hpp"
#include "sim/resolution.hpp"
#include "sim/window.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace kpmsim {

/// What is fixed when the meter is built; what each channel measures says channels().
struct MeteringConfig {
    Wiring wiring{Wiring::p4l};
    int circuits{1};
    bool neutral{false}; ///< with one phase: each circuit measures its neutral's current, too
    std::array<AdcChannel, max_channels> adc{};
    std::array<LevelErrors, max_channels> level{}; ///< of the currents; all zero = linear
    std::array<double, max_circuits> rated_a{1, 1, 1,
                                             1}; ///< rms at the terminals that `level` means
    double clock_error{0}; ///< fraction by which the meter's own time runs fast
    std::array<double, max_circuits> temperature_c{}; ///< of each circuit's sensor
    double nominal_hz{50};

    ChannelList channels() const { return channel_list(wiring, circuits, neutral); }
};

/// What a user may change while it runs.
struct MeteringSettings {
    double pt{1.0};                                  ///< voltage ratio that the meter was told
    std::array<double, max_circuits> ct{1, 1, 1, 1}; ///< current ratio per circuit
    std::array<double, max_circuits>
        start_current_a{}; ///< Ist, at the terminals; below it a phase meters no P, Q, S
    int demand_minutes{5}; ///< width of the sliding window; sub-intervals of one minute
    int demand_day{1};     ///< of the month, 1 to 28: at its 0:00 the maxima begin anew
    /// Bits of phases whose current counts the other way round, per circuit.
    std::array<std::uint8_t, max_circuits> reversed{};
    /// What it takes its channels for, of three phases; nothing = what they are.
    std::optional<Wiring> wiring{};
    KPMSIM_FIELDS(pt, ct, start_current_a, demand_minutes, demand_day, reversed, wiring);
};

/// The meter's own view of the moment a window belongs to.
struct MeteringMoment {
    CivilTime rtc{}; ///< the meter's clock at the end of the window
    int tariff{0};   ///< 0..5, see TariffTable
};

struct WindowSums;
struct MeteringState;

/// Windows that are like the last one sampled but for the converter's noise, one after the other
/// without a gap.
struct Repeat {
    Window first{};
    double slip{0};          ///< turns that the fundamental goes on in each besides whole ones
    std::int64_t planned{0}; ///< how many there will be: their energies' noise is drawn once
    std::int64_t windows{0}; ///< how many there were; fewer when something cut it short
    KPMSIM_FIELDS(first, slip, planned, windows);
    bool valid() const {
        return windows >= 0 && windows <= planned &&
               (first.length == SimDuration::zero() ||
                planned <= (SimTime::max() - SimTime{}) / 2 / first.length);
    }

    SimTime end() const { return first.start + windows * first.length; }
};

/// ADC and metering DSP of one physical meter: sample blocks in, readings and registers out.
///
/// Each window: codes -> exact integer sums (rms, P) and ten cycles folded into one (FFT, orders 1
/// to 31) -> errors that hang on the level of a current -> readings -> energy counts and demand. The same bits come out for any thread and any grouping
/// of windows. source  docs/explanation/metering.md
class Metering {
public:
    Metering(const MeteringConfig& config, const MeteringSettings& settings, Random noise);
    ~Metering();
    Metering(Metering&&) noexcept;
    Metering& operator=(Metering&&) noexcept;

    void apply(const MeteringSettings& settings);
    void clear_energy();
    /// The registers that every circuit has from before.
    void begin_energy(const EnergyRegisters& registers);
    void clear_demand_maxima();

    /// The window before counting begins, or begins again after a pause, `rtc` the clock at its end: it
    /// is shown, and nothing of it is counted.
    void begin(const SampleBlock& block, CivilTime rtc);
    void push(const SampleBlock& block, const MeteringMoment& moment);

    /// Some converter of its channels has noise.
    bool has_noise() const;
    /// Says that the windows to come are like the one just pushed. `sums` are those of the block
    /// without a converter's steps and noise, and the readings are theirs from now on; they must be
    /// given where it has noise. Nothing says that the windows to come have this one's very codes.
    /// False when they must be sampled: a sample clips, or might with its noise, or the cycles are
    /// not alike.
    bool hold_steady(const SampleBlock& block, const WindowSums* sums);
    /// Whether repeat() and show() of a run have what they need: without noise always, with it after
    /// the first hold_steady() that went well. A restored Metering has what the saved one had.
    bool can_repeat() const;
    /// False when noise might turn the sign of a power from window to window: each window is then to
    /// be a Repeat of its own.
    bool may_repeat_many() const;
    /// Counts windows after hold_steady(). All of them end in one minute of the meter's clock, but for a
    /// Repeat of one window, which may begin a minute. The same Repeat gives the same bits whatever
    /// was shown of it before.
    void repeat(const Repeat& run, const MeteringMoment& moment);
    /// The states that repeat() would leave, with the readings of the run's last window; a run
    /// without windows shows the present.
    void show(const Repeat& run, const MeteringMoment& moment, std::span<MeterState> out) const;
    /// The same where `out` was shown before and nothing was counted since: writes only what a longer
    /// run changes.
    void show_more(const Repeat& run, const MeteringMoment& moment,
                   std::span<MeterState> out) const;

    /// Of a circuit's readings.
    const Resolution& resolution(int circuit) const;
    const MeteringConfig& config() const;
    int circuits() const;
    /// The circuit's present state (0 <= circuit < circuits()); after repeat() its readings may be of an
    /// earlier window, show() has the last one's.
    const MeterState& state(int circuit) const;
    /// Everything that it remembers. A Metering of the same config and noise that was given this
    /// goes on as this one does, to the bit.
    const MeteringState& state() const;
    /// Throws BadState when it cannot be the state of a Metering with this config.
    void restore(MeteringState state);
    /// Samples that went beyond full scale since counting began; of all channels, and of one.
    std::uint64_t clipped() const;
    std::uint64_t clipped(int channel) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
