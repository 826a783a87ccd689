#pragma once

#include "sim/window.hpp"

#include <complex>
#include <span>

namespace kpmsim {

/// Locks the sample clock to the fundamental: 128 samples per real cycle, gapless windows of 10 or
/// 12 cycles.
///
/// It measures f from the samples alone: the phase that the fundamental gains from one cycle to the
/// next (coarse, good for 40 to 70 Hz from any start) and from one window to the next (fine). It is
/// one window behind a jump, and keeps its last f while there is no voltage, as a
/// synchronous-sampling chip does. Meters on one supply share the voltage and therefore one lock.
///
/// error   f within 1e-7 Hz of a steady f after 6 windows from a start 5 Hz away, harmonics present
/// source  docs/explanation/metering.md, "The lock"
class SampleLock {
public:
    explicit SampleLock(double nominal_hz) noexcept;

    /// The window that follows the last one pushed (the first begins at `start`).
    Window next() const noexcept;
    void start_at(SimTime start) noexcept;
    /// Takes the window's samples of the phase voltages (three channels) and sets the clock for the
    /// next.
    void push(const SampleBlock& block) noexcept;
    double f_hz() const noexcept;

private:
    Window next_;
    double f_hz_;
    std::complex<double>
        last_{}; ///< fundamental of the last window, of the phase that was strongest
    int last_channel_{-1};
    bool have_last_{false};
};

} // namespace kpmsim
