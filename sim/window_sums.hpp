#pragma once

#include "sim/folded_dft.hpp"
#include "sim/metering.hpp"

#include <array>
#include <cstdint>

namespace kpmsim {

/// What the samples of one window add up to, in codes; DC is out. Channels as in MeteringConfig.
struct WindowSums {
    int samples{0};
    std::array<double, max_channels> square{}; ///< mean
    std::array<Phasors, max_channels> x{};
    std::array<double, 3> uu{}; ///< mean products ab, bc, ca; three-wire: only ca; one phase: none
    std::array<double, max_channels> ui{};             ///< of a current and its own phase's voltage
    std::array<double, max_circuits> ac{};             ///< of Ia and Ic where Ib is worked out
    std::array<std::uint64_t, max_channels> clipped{}; ///< samples
    KPMSIM_FIELDS(samples, square, x, uu, ui, ac, clipped);
};

/// One channel's codes in one window; `cycles` of them stand for `times` as many.
struct ChannelCodes {
    alignas(64) std::array<std::int32_t, max_samples_per_window> codes;
    alignas(64) std::array<std::int32_t, samples_per_cycle> fold;
    int cycles;
    int times;
    std::int64_t sum;
    std::int64_t square;

    std::span<const std::int32_t> rows() const {
        return std::span{codes}.first(static_cast<std::size_t>(cycles) * samples_per_cycle);
    }
};

/// Room for the codes that are at hand at a time: the voltages, and one circuit's currents.
struct WindowCodes {
    std::array<ChannelCodes, 3> u;
    std::array<ChannelCodes, 3> i;
};

/// Converts a window and adds it up.
///
/// `codes.u` keeps the voltages.
/// error   none in the sums: they are of integers, and their mean is taken out before they become
///         floating numbers
void sum_window(const SampleBlock& block, const MeteringConfig& config, const Random& noise,
                std::uint64_t first_sample, WindowCodes& codes, WindowSums& sums);

} // namespace kpmsim
