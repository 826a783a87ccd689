#pragma once

#include "sim/window.hpp"

#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <vector>

/// Samples by the definition, in long double and with the library's sine: shares nothing with the
/// code under test.
namespace kpmsim::test {

struct Tone {
    double order; ///< of the fundamental; need not be whole
    double rms;   ///< fraction of a channel's full scale
    double angle; ///< rad at t = 0
};

using Tones = std::vector<Tone>;

inline long double value_at(const Tones& tones, double dc, long double f_hz, long double t_s) {
    constexpr long double turn = 2 * std::numbers::pi_v<long double>;
    long double x = dc;
    for (const Tone& tone : tones) {
        const long double turns = static_cast<long double>(tone.order) * f_hz * t_s;
        x += std::numbers::sqrt2_v<long double> * tone.rms *
             std::sin(turn * (turns - std::floor(turns)) + static_cast<long double>(tone.angle));
    }
    return x;
}

/// A block that owns its samples.
struct Block {
    std::vector<double> data;
    SampleBlock block;

    Block(const Window& window, int channels, int rows) {
        data.resize(static_cast<std::size_t>(channels) * max_samples_per_window);
        block.window = window;
        block.channels = channels;
        block.rows = rows;
        block.data = data;
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    void fill(int channel, const Tones& tones, double f_hz, double dc = 0) {
        const auto n_all = static_cast<long double>(block.window.samples());
        const auto start = static_cast<long double>(block.window.start.time_since_epoch().count());
        const auto length = static_cast<long double>(block.window.length.count());
        for (int n = 0; n < block.rows; ++n)
            block.channel(channel)[static_cast<std::size_t>(n)] = static_cast<double>(value_at(
                tones, dc, f_hz, (start + static_cast<long double>(n) * length / n_all) * 1e-9L));
    }
};

/// A window of `cycles` at `f_hz`, to the nanosecond.
inline Window window_at(double f_hz, int cycles = 10, SimTime start = {}) {
    return {start, SimDuration{std::llround(cycles * 1e9 / f_hz)}, cycles};
}

/// Small repeatable numbers for set-ups (not the random stream under test): xorshift64*.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_{seed * 0x9E3779B97F4A7C15u | 1} {}
    double operator()(double low, double high) {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return low +
               (high - low) * (static_cast<double>((state_ * 0x2545F4914F6CDD1Du) >> 11) * 0x1p-53);
    }

private:
    std::uint64_t state_;
};

} // namespace kpmsim::test
