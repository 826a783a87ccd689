#pragma once

#include "sim/clock.hpp"
#include "sim/window.hpp"
#include "waveforms/coefficients.hpp"

#include <array>
#include <complex>
#include <cstdint>

namespace kpmsim {

/// The samples of a window whose sample clock is locked to the fundamental, or nearly so: sample n
/// stands at theta[n] = start + n (2^57 + slip), 2^64 = one turn.
///
/// error   below 1e-15 of full scale, for orders that fall like 1/h (see test)
class CycleSynthesis {
public:
    /// The most that a window may slip, in turns from its middle to its end: order 50 then moves by
    /// 0.6 rad.
    static constexpr double most_turns = 0.002;

    /// A locked clock has slip 0, and every cycle is the same.
    void aim(Turn start, std::int64_t slip_per_row, int rows);
    int rows() const { return slip_ == 0 ? samples_per_cycle : rows_; }
    static bool can(std::int64_t slip_per_row, int rows);

    /// rows() samples of one channel.
    void make(const Coefficients& of, double* out) const;

private:
    std::array<std::complex<double>, Spectrum::orders> turned_{}; ///< e^(j h psi)
    Turn start_{};
    std::int64_t slip_{0};
    int rows_{0}; ///< 0: not aimed yet
};

} // namespace kpmsim
