#pragma once

#include "sim/window.hpp"

#include <array>
#include <optional>
#include <span>

namespace kpmsim {

/// Frequency of the fundamental from the samples alone, window after window, wherever the sample
/// clock stands.
///
/// shape   one window of one channel: window.samples() rows, or one cycle that counts for all
/// unit    Hz; the samples in any unit
/// error   steady f, harmonics of 25 % (odd) and 2 % (even): below 2e-3 Hz in the first window with
///         the clock within 5 Hz, below 1e-7 Hz after six windows; a converter's white noise (101
///         dB below full scale, voltage at half of it) adds 1.2e-6 Hz rms
/// source  docs/explanation/lock-and-frequency.md, "The frequency"
class FrequencyMeter {
public:
    /// `channel` says where the samples come from; a change of it begins anew.
    double push(const Window& window, int channel, std::span<const double> samples) noexcept;
    /// Windows went by unseen, `by` long and like the last but for the fundamental, which went on by
    /// `turns` besides whole ones.
    void pass(SimDuration by, double turns) noexcept {
        last_.start += by;
        last_.turns += turns;
    }
    /// There was no voltage in this window: the next one begins anew.
    void forget() noexcept { have_last_ = false; }

    KPMSIM_FIELDS(last_, channel_, have_last_);

private:
    /// Phase of the fundamental at a moment: turns at `offset_ns` after `start`.
    struct Moment {
        SimTime start{};
        double offset_ns{0};
        double turns{0};
        KPMSIM_FIELDS(start, offset_ns, turns);
        bool valid() const { return within_reach(start); }
    };

    Moment last_{};
    int channel_{-1};
    bool have_last_{false};
};

/// The strongest of three voltages, as rms in units of a full-scale sine; stays with `now` while
/// that has more than half of the strongest. -1 when all are below 1 % of full scale.
int strongest_voltage(const std::array<double, 3>& rms, int now) noexcept;

} // namespace kpmsim
