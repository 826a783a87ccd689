#pragma once

#include "sim/window.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace kpmsim {

/// Urms(1/2): the rms over one cycle that begins at row `first_row` of the channel's stream.
struct HalfCycle {
    std::int64_t first_row{0};
    double rms{0};
};

/// Urms(1/2) of one channel: over one cycle, beginning at a zero crossing of the channel's own
/// fundamental, new each half cycle.
///
/// shape   rows of a sampling locked to the fundamental, `rows_per_cycle` (even) of them; any block
///         length, the results do not depend on it. The first value comes after two cycles.
/// unit    out = in
/// error   rounding only, 1e-14 of the greatest value; the beginning lies within 3/4 row of the
///         crossing. A sampling clock that is off by a part d of the frequency costs up to d.
/// source  IEC 61000-4-30, 5.4.1; docs/explanation/power-quality.md, "Urms(1/2)"
class HalfCycleRms {
public:
    explicit HalfCycleRms(int rows_per_cycle = samples_per_cycle);

    /// Appends to `out` what has become complete.
    void push(std::span<const double> rows, std::vector<HalfCycle>& out);

private:
    static constexpr std::size_t memory = 9; // cycles

    void note_cycle() noexcept;
    double crossing() const noexcept;
    double rms_from(std::int64_t row) const noexcept;

    std::int64_t rows_per_cycle_;
    std::vector<double> cos_, sin_;
    std::vector<double> ring_; // the last two cycles
    std::int64_t row_{0};      // rows taken
    double re_{0}, im_{0};     // fundamental of the cycle under way

    std::array<double, memory> offsets_{}; // crossings in rows, modulo half a cycle
    std::array<double, memory> strengths_{};
    std::size_t cycles_noted_{0};
    std::int64_t next_{-1}; // first row of the next value; -1: no crossing known yet
};

} // namespace kpmsim
