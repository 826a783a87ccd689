#pragma once

#include <cstdint>
#include <span>

namespace kpmsim {

/// Frequency over an interval, usually 10 s, as the mean advance of the fundamental's phase between
/// two phasors of 400 ms at its ends (9.6 s apart).
///
/// shape   samples of one channel at a fixed rate, more than 1 s of them; the rate need not be
///         locked
/// unit    Hz; the samples in any unit
/// error   steady frequency within 15 % of `nominal_hz`, harmonics of 25 % (odd, over the order)
///         and 2 % (even): 5e-8 Hz over 10 s, dips and gaps between the two phasors included: a gap
///         of T s is bridged with the frequency on both its sides, which may differ from the mean
///         inside it by 1 / 2T. White noise of -101 dB adds 5e-8 Hz at 8 kHz, of -60 dB 5e-6 Hz.
///         A ramp of 1 Hz/s gives the frequency in the middle to 1e-6 Hz; the edges of rectangular
///         flicker of 3 % cost 6e-6 Hz. 0 without a fundamental.
/// source  docs/explanation/power-quality.md, "Frequency over 10 s"
double phasor_frequency(std::span<const double> samples, double rate_hz, double nominal_hz);

/// Whole cycles between two upward zero crossings of the fundamental.
struct CycleCount {
    std::int64_t cycles{0};
    double begin_s{0}, end_s{0}; // of the crossings, from the first sample

    double f_hz() const {
        return end_s > begin_s ? static_cast<double>(cycles) / (end_s - begin_s) : 0;
    }
};

/// Counts the whole cycles of an interval: their number over their duration is the standard's
/// frequency, also where it ramps or swings.
///
/// shape   as above; the crossings counted keep `cycle_count_margin_s` away from both ends, which
///         the caller adds to the interval
/// error   f_hz over 10 s: 1e-8 Hz steady and in ramps of 1 Hz/s, 5e-7 Hz in a swing of 0.1 rad at
///         2 Hz. A dip at either end moves the crossings; dips between do not.
/// source  IEC 61000-4-30, 5.1.1
CycleCount count_cycles(std::span<const double> samples, double rate_hz, double nominal_hz);
inline constexpr double cycle_count_margin_s = 0.1;

} // namespace kpmsim
