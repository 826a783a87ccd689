#pragma once

#include <array>
#include <span>
#include <vector>

namespace kpmsim {

/// The lamp and the mains that a flickermeter judges by: 230 V or 120 V, 50 Hz or 60 Hz.
struct FlickerSystem {
    int lamp_v{230};
    int f_hz{50};
};

/// One second-order section, transposed direct form II.
struct FilterSection {
    double b0{1}, b1{0}, b2{0}, a1{0}, a2{0};
    double s1{0}, s2{0};

    double push(double x) noexcept {
        const double y = b0 * x + s1;
        s1 = b1 * x - a1 * y + s2;
        s2 = b2 * x - a2 * y;
        return y;
    }
};

/// The flickermeter from the voltage to the instantaneous sensation Pinst, and its statistics.
///
/// shape   any block length: the results do not depend on how the samples are cut
/// unit    the samples in any unit, `start` in the same one; Pinst and Pst without unit
/// error   sine tables of all four systems: Pinst,max within 0.2 % and the tables' rounding;
///         rectangular tables: Pst within 0.3 % where the edges of the modulation fall on samples,
///         as they do at 128 samples per cycle; edges between samples add 0.6 % at 4000 and 4800
///         changes per minute from 6 kHz on, 1.5 % from 4 kHz on. One entry of the tables
///         misfits: 120 V, 60 Hz, 39 per minute reads 0.995. A steady voltage reads Pst 0.01.
/// source  IEC 61000-4-15 ed. 2, 5; docs/explanation/power-quality.md, "Flicker"
class Flickermeter {
public:
    /// `rate_hz` of 4 kHz or more; `start_v` is where the reference voltage starts (0: the lamp's).
    Flickermeter(FlickerSystem system, double rate_hz, double start_v = 0);

    void push(std::span<const double> samples);

    /// The sensation at the last sample.
    double pinst() const noexcept { return pinst_; }
    /// The sensation since the last clear(), at series_rate_hz().
    std::span<const double> series() const noexcept { return series_; }
    double series_rate_hz() const noexcept { return rate_hz_ / keep_every_; }
    /// Begins a new interval of the statistics; the filters run on.
    void clear() noexcept { series_.clear(); }

private:
    static constexpr std::size_t sections = 6;

    double gain_at(double f_hz) const;

    double rate_hz_;
    int keep_every_;
    std::array<FilterSection, sections> chain_; // high-pass, low-pass (3), lamp and eye (2)
    FilterSection memory_;                      // 0.3 s
    double scale_{1};
    double pinst_{0};

    double mean_square_;
    double reference_step_;

    int until_kept_{0};
    std::vector<double> series_;
};

} // namespace kpmsim
