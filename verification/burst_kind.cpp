// Burst firing: current for `on` whole cycles, none for `off`, from zero crossing to zero crossing.
//
//   P   mean of whole bursts against U I on / (on + off), of S while on; "P of reading"
// A window cuts a burst anywhere; 20 cycles of 2 on and 2 off are whole bursts again, and so are 2, 15
// or 50 windows of ten cycles taken in pairs.
#include "sim/metering.hpp"
#include "verification/kind.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace kpmsim {

namespace {

struct Case {
    int on{2}, off{2};
    Parameter f{50.0};
    Parameter angle_deg{0.0};
    int windows{16};
};

constexpr double full_u_v = 230 / 0.9;
constexpr double full_i_a = 5 * 1.2 / 0.9;

void run(const Case& c, Draw draw, Mode mode, Errors& errors) {
    constexpr double two_pi = 2 * std::numbers::pi;
    const double f_hz = draw(c.f);
    const double lag = draw(c.angle_deg) / 360;
    const double start = draw.between(0, 1);
    const double u = draw.between(0.8, 1) * 0.9;
    const double i = draw.between(0.1, 1) * 0.9 / 1.2;
    MeteringConfig config;
    config.nominal_hz = 50;
    for (std::size_t n = 0; n < 6; ++n) {
        config.adc[n].full_scale = (n < 3 ? full_u_v : full_i_a) * std::numbers::sqrt2;
        config.adc[n].noise_rms = noise_of(mode);
    }
    Metering metering{config, {}, draw.stream("converter")};
    std::vector<double> data(static_cast<std::size_t>(6 * max_samples_per_window));
    SampleBlock block;
    block.window.cycles = 10;
    block.window.length = SimDuration{std::llround(10e9 / f_hz)};
    block.channels = 6;
    block.rows = block.window.samples();
    block.data = data;
    std::int64_t row = 0;
    double sum = 0;
    for (int w = 0; w < c.windows; ++w) {
        for (int n = 0; n < block.rows; ++n, ++row) {
            const double turns = static_cast<double>(row) / samples_per_cycle + start;
            for (int p = 0; p < 3; ++p) {
                const double of_u = turns - p / 3.0;
                const double of_i = of_u - lag;
                const auto cycle = static_cast<std::int64_t>(std::floor(of_i)) + 4;
                const bool conducts = cycle % (c.on + c.off) < c.on;
                const auto at = static_cast<std::size_t>(n);
                block.channel(p)[at] = u * std::sin(two_pi * of_u);
                block.channel(3 + p)[at] = conducts ? i * std::sin(two_pi * of_i) : 0;
            }
        }
        metering.push(block, {});
        block.window.start = block.window.end();
        sum += metering.state(0).readings[Slot::p];
    }
    const double s = 3 * u * full_u_v * i * full_i_a;
    const double truth = s * std::cos(two_pi * lag) * c.on / (c.on + c.off);
    errors.add("P", (sum / c.windows - truth) / s);
    errors.add("P of reading", sum / c.windows / truth - 1);
}

} // namespace

Run burst_kind(TomlTable& signal) {
    Case c;
    c.on = static_cast<int>(signal.integer("on", 1, 100).value_or(c.on));
    c.off = static_cast<int>(signal.integer("off", 1, 100).value_or(c.off));
    c.windows = static_cast<int>(signal.integer("windows", 1, 10'000).value_or(c.windows));
    take(signal, "f", c.f);
    take(signal, "angle", c.angle_deg);
    return [c](Draw draw, Mode mode, Errors& errors) { run(c, draw, mode, errors); };
}

} // namespace kpmsim
