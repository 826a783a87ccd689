#pragma once

#include "sim/frequency.hpp"
#include "sim/window.hpp"

namespace kpmsim {

/// Locks the sample clock to the fundamental: 128 samples per real cycle, gapless windows of 10 or
/// 12 cycles.
///
/// It measures f from the samples alone (see FrequencyMeter), is one window behind a jump, and
/// keeps its last f while there is no voltage, as a synchronous-sampling chip does. Meters on one
/// supply share the voltage and therefore one lock. The clock stays within 40 to 70 Hz; from 55.5
/// Hz up a window has 12 cycles, from 54.5 Hz down 10. A window is a whole number of nanoseconds
/// long, and stays as long as the last one while that is right to 0.8 ns.
///
/// error   f within 1e-7 Hz of a steady f after 6 windows from a start 5 Hz away, harmonics present
/// source  docs/explanation/lock-and-frequency.md, "The lock"
class SampleLock {
public:
    explicit SampleLock(double nominal_hz) noexcept;

    /// The window that follows the last one pushed (the first begins at `start`).
    Window next() const noexcept;
    void start_at(SimTime start) noexcept;
    /// Takes the window's samples of the voltages and sets the clock for the next.
    void push(const SampleBlock& block) noexcept;
    /// Windows went by unseen that were like the last one: each as long, and in each the fundamental
    /// went on by `turns` besides whole ones.
    void pass(std::int64_t windows, double turns) noexcept;
    double f_hz() const noexcept;

    KPMSIM_FIELDS(next_, f_hz_, frequency_, channel_);
    bool valid() const noexcept;

private:
    Window next_;
    double f_hz_;
    FrequencyMeter frequency_;
    int channel_{-1}; ///< the voltage that is followed
};

} // namespace kpmsim
