#pragma once

#include "sim/clock.hpp"
#include "sim/meter_state.hpp"
#include "sim/window.hpp"

#include <cstdint>

namespace kpmsim {

/// One pulse on the output's terminals.
struct Pulse {
    SimTime at{};        ///< its leading edge
    SimDuration width{}; ///< at most the output's, at most half of the time between two pulses
    KPMSIM_FIELDS(at, width);
};

/// The pulses that one window's energy gave. Empty by default.
struct PulseTrain {
    Window window;
    std::int64_t count{0};

    /// 0 <= n < count; earlier ones first.
    Pulse operator[](std::int64_t n) const;
    /// Of the window's energy that has come when pulse n is due, 0 to 1.
    double part(std::int64_t n) const {
        return static_cast<double>(lacked + n * per_pulse) / static_cast<double>(brought);
    }

    // In pulses times `per_pulse`: what lacked to the first pulse, and what the window brought.
    std::int64_t lacked{0};
    std::int64_t brought{0};
    std::int64_t per_pulse{1};
    SimDuration width{};
    KPMSIM_FIELDS(window, count, lacked, brought, per_pulse, width);
    bool valid() const {
        return count >= 0 && lacked >= 0 && brought >= 0 && per_pulse > 0 &&
               (count == 0 || (lacked <= brought && count - 1 <= (brought - lacked) / per_pulse));
    }
};

/// An energy pulse output: active or reactive, by the meter's own registers.
///
/// unit    constant in imp/kWh (imp/kvarh) of secondary energy, as KPM53's manual has it: N pulses
///         are N / constant * PT * CT kWh at the primary
/// error   the count is floor(constant * energy), exact for any number of pulses: integers. Edges
///         lie within the window by its mean power, to the nanosecond. A lone phase's power swings
///         at 2 f; its pulses would be due up to 1 / (4 pi f), 1.6 ms at 50 Hz, sooner or later. In a
///         window in which something changes the course of the energy says when: part() and
///         time_of_part().
/// source  KPM53 manual 3.5, KPM37 manual 1.2; the width of 80 ms is GB/T 17215's, for the manuals
///         give none
class PulseOutput {
public:
    static constexpr SimDuration usual_width = std::chrono::milliseconds{80};

    /// `constant` 1 … 100,000; `ratio` is PT times CT where the registers hold primary energy. What
    /// had gathered for the next pulse counts on as the same part of one.
    void set(int constant, double ratio = 1, SimDuration width = usual_width);

    /// Registers as they stand now give no pulse: before the first window, or when they were set.
    void begin(const EnergyCount& import, const EnergyCount& exported) {
        import_ = import;
        exported_ = exported;
    }

    /// `import` and `exported` as they stand at the window's end; both directions count. Registers
    /// that went back (they were cleared) give no pulse and count on from there.
    PulseTrain push(const Window& window, const EnergyCount& import, const EnergyCount& exported);

    /// Pulses since the start.
    std::int64_t count() const { return count_; }

    KPMSIM_FIELDS(constant_, per_pulse_, width_, gathered_, count_, import_, exported_);
    bool valid() const {
        return constant_ >= 1 && constant_ <= 100'000 && per_pulse_ > 0 && gathered_ >= 0 &&
               gathered_ < per_pulse_;
    }

private:
    std::int64_t constant_{1};
    std::int64_t per_pulse_{uj_per_kwh};
    SimDuration width_{usual_width};
    std::int64_t gathered_{0}; ///< constant times µJ, below per_pulse_
    std::int64_t count_{0};
    EnergyCount import_, exported_; ///< at the end of the window before

    static constexpr std::int64_t uj_per_kwh = 1000 * EnergyCount::uj_per_wh;
};

} // namespace kpmsim
