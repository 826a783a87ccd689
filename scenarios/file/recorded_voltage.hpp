#pragma once

#include "scenarios/file/recorded_play.hpp"

#include <array>
#include <complex>

namespace kpmsim {

/// What must be known of a recorded voltage before a farm can play it. Moments count from the
/// stamp of the first sample.
class RecordedVoltage {
public:
    /// `peak_v`: the largest that there is in it.
    RecordedVoltage(const RecordedThree& three, double peak_v) : three_{three}, peak_v_{peak_v} {}

    /// The frequency of the window that begins at `at`; see first_frequency().
    double frequency(double nominal_hz, SimDuration at) const;
    /// Rms of the strongest fundamental there.
    double level_v(double hz, SimDuration at) const;
    /// From `begin` to the last moment before `end` at which the phase stands as it did at `begin`;
    /// to `end`, when there is no voltage at one of the two.
    ///
    /// error   1e-6 of a cycle while the frequency is steady at both
    SimDuration loop(double nominal_hz, SimDuration begin, SimDuration end) const;

private:
    using Phasors = std::array<std::complex<double>, 3>;
    Phasors fundamentals(double hz, SimDuration at) const;

    const RecordedThree& three_;
    double peak_v_;
};

/// A window of 10 cycles at the slowest that the sample clock follows.
inline constexpr SimDuration longest_window{250'000'000};

} // namespace kpmsim
