#pragma once

#include "sim/clock.hpp"

#include <span>

namespace kpmsim {

inline constexpr int samples_per_cycle = 128;
inline constexpr int max_cycles_per_window = 12;
inline constexpr int max_samples_per_window = samples_per_cycle * max_cycles_per_window;
/// The highest order that the meters of this house show.
inline constexpr int max_harmonic = 31;

/// One basic measuring window: 10 cycles (50 Hz) or 12 (60 Hz), without a gap to the next.
///
/// shape   sample n of `samples()` lies at start + n * length / samples()
/// source  IEC 61000-4-30, 4.4 (basic measurement interval)
struct Window {
    SimTime start{};
    SimDuration length{};
    int cycles{10};

    KPMSIM_FIELDS(start, length, cycles);
    /// A whole window, or none (0 cycles).
    bool valid() const {
        return cycles >= 0 && cycles <= max_cycles_per_window && length >= SimDuration::zero() &&
               within_reach(SimTime{length}) && within_reach(start);
    }

    int samples() const { return cycles * samples_per_cycle; }
    SimTime end() const { return start + length; }
};

/// The samples of one channel set in one window, as they stand at the ADC's input.
///
/// shape   channel-major: channel c begins at data[c * stride]; `rows` samples each
/// unit    fraction of the channel's full scale (±1)
/// `rows` is window.samples(), or samples_per_cycle when every cycle of the window is the same to
/// the bit ("coherent"): the reader then counts the one cycle window.cycles times.
struct SampleBlock {
    Window window;
    int channels{0};
    int voltages{3}; ///< so many channels are voltages: the first ones
    int rows{0};
    int stride{max_samples_per_window};
    std::span<double> data;

    bool coherent() const { return rows == samples_per_cycle; }
    std::span<double> channel(int c) const {
        return data.subspan(static_cast<std::size_t>(c) * static_cast<std::size_t>(stride),
                            static_cast<std::size_t>(rows));
    }
};

} // namespace kpmsim
