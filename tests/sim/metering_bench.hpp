#pragma once

#include "samples.hpp"
#include "sim/metering.hpp"

#include <algorithm>
#include <array>
#include <vector>

/// A meter on a bench: channels in volts and amperes as sums of tones.
namespace kpmsim::test {

inline constexpr double degree = std::numbers::pi / 180;

inline MeteringConfig star(int circuits = 1) {
    MeteringConfig config;
    config.circuits = circuits;
    for (int c = 0; c < max_channels; ++c)
        config.adc[static_cast<std::size_t>(c)].full_scale = c < 3 ? 600 : 10;
    return config;
}

/// Tones in V or A for a channel with that full scale.
inline Tones scaled(Tones tones, double full_scale) {
    for (Tone& tone : tones)
        tone.rms /= full_scale;
    return tones;
}

struct Bench {
    MeteringConfig config;
    Metering meter;
    Window window;

    explicit Bench(const MeteringConfig& c, const MeteringSettings& settings = {}, double f_hz = 50,
                   int cycles = 10)
        : config{c}, meter{c, settings, Random{1, "meter"}}, window{window_at(f_hz, cycles)} {}

    /// Channels in V and A; as many windows as told.
    void push(const std::vector<Tones>& channels, double f_hz = 50, int windows = 1, int tariff = 0,
              double dc = 0) {
        for (int w = 0; w < windows; ++w) {
            Block b{window, static_cast<int>(channels.size()), window.samples()};
            for (std::size_t c = 0; c < channels.size(); ++c)
                b.fill(static_cast<int>(c), scaled(channels[c], config.adc[c].full_scale), f_hz,
                       dc);
            meter.push(b.block, {CivilTime{std::chrono::seconds{w / 5}}, tariff});
            window.start = window.end();
        }
    }
    /// One cycle of 50 Hz that stands for all, at the bench's present window.
    void fill(Block& b, const std::vector<Tones>& channels) const {
        for (std::size_t c = 0; c < channels.size(); ++c)
            b.fill(static_cast<int>(c), scaled(channels[c], config.adc[c].full_scale), 50);
    }
    double operator[](Slot s) const { return meter.state(0).readings[s]; }
    double get(const char* name) const { return meter.state(0).get(*find_quantity(name)); }
};

/// Fundamentals of three phases: rms each, angle each in degrees (counter-clockwise).
inline std::vector<Tones> fundamentals(std::array<double, 3> u, std::array<double, 3> u_deg,
                                       std::array<double, 3> i, std::array<double, 3> i_deg) {
    std::vector<Tones> out;
    for (std::size_t c = 0; c < 3; ++c)
        out.push_back({{1, u[c], u_deg[c] * degree}});
    for (std::size_t c = 0; c < 3; ++c)
        out.push_back({{1, i[c], i_deg[c] * degree}});
    return out;
}

} // namespace kpmsim::test
