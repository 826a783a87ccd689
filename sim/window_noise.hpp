#pragma once

#include "sim/energy.hpp"
#include "sim/random.hpp"
#include "sim/readings.hpp"
#include "sim/window_sums.hpp"

#include <array>
#include <cstdint>

namespace kpmsim {

/// Numbers of a stream that a window may use, counted from its first sample's: as many as it has
/// samples.
inline constexpr int numbers_per_window = 10 * samples_per_cycle;

/// Noise of each channel's converter, rms, in codes; 0 = none.
using ChannelNoise = std::array<double, max_channels>;

/// Puts onto the sums of a window without noise what the converters' noise would have added: every
/// phasor's deviation, and those of the squares and products that follow from them.
///
/// shape   draws the stream's numbers from `first_sample` on; leaves the last one alone
/// error   none in mean and variance, to the first order of noise over signal; the deviations of
///         orders above 31 are drawn for squares and products by themselves
void add_noise(const ChannelNoise& noise, const MeteringConfig& config, const Random& stream,
               std::uint64_t first_sample, WindowSums& sums);

/// One circuit's powers in windows that are alike but for the noise: means, and deviations in one
/// window.
struct NoisyPowers {
    /// What is counted of some of these windows: the mean over them.
    struct Mean {
        WindowPowers powers;
        std::array<double, 3> i_rms{};
        std::array<double, 3> s_va{}; ///< per phase; three-wire: 0
    };

    NoisyPowers() = default;
    /// `u_noise` and `i_noise` in V and A at the primary, of the channels a, b, c. The windows' rms
    /// values hold their noise.
    /// `i` is without a start current; `start_a` is that.
    NoisyPowers(const VoltageWindow& u, const CurrentWindow& i, double start_a,
                const std::array<double, 3>& u_noise, const std::array<double, 3>& i_noise,
                bool b_is_worked_out, int samples);

    Mean draw(const Random& stream, std::uint64_t first_sample, int circuit,
              std::int64_t windows) const;
    /// Noise may turn the sign of a power, or start and stop the metering, from window to window.
    bool may_turn() const;

    struct Level {
        double square{0};    ///< mean
        double linear{0};    ///< deviation of the square: signal times noise
        double quadratic{0}; ///< … noise times noise
        KPMSIM_FIELDS(square, linear, quadratic);
    };
    /// One of three that is the other two's negative sum, and takes from their deviations.
    struct Derived {
        int at{-1}; ///< -1 = none is
        std::array<double, 3> from{};
        double alone{0};
        KPMSIM_FIELDS(at, from, alone);
        bool valid() const { return at >= -1 && at < 3; }
    };
    bool star{true};
    std::array<Level, 3> u{}; ///< star: phases; three-wire: lines
    std::array<Level, 3> i{};
    Derived line;    ///< three-wire: Uca
    Derived current; ///< with two transformers: Ib
    double start_a{0};
    std::array<double, 3> p_w{}, q_var{};                               ///< as CurrentWindow
    std::array<double, 3> p_with_u{}, p_with_i{}, p_alone{}, q_alone{}; ///< deviations
    KPMSIM_FIELDS(star, u, i, line, current, start_a, p_w, q_var, p_with_u, p_with_i, p_alone,
                  q_alone);
};

} // namespace kpmsim
