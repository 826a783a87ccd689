#include "samples.hpp"
#include "sim/metering.hpp"
#include "sim/window_sums.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::Block;
using test::Tone;
using test::Tones;

namespace {

constexpr double degree = std::numbers::pi / 180;

MeteringConfig config_of(Wiring wiring, double noise) {
    MeteringConfig config;
    config.wiring = wiring;
    for (std::size_t c = 0; c < 6; ++c) {
        config.adc[c].full_scale = c < 3 ? 600 : 14;
        config.adc[c].noise_rms = noise * (1 + 0.1 * static_cast<double>(c));
    }
    return config;
}

/// A steady voltage with harmonics, one above the 31st, and currents `lag_deg` behind it.
struct Signal {
    Block block{test::window_at(50), 6, samples_per_cycle};

    Signal(Wiring wiring, double lag_deg, double i_a = 4) {
        for (int c = 0; c < 6; ++c) {
            const bool voltage = c < 3;
            const double angle = (c % 3) * -120 * degree;
            // Ua is the strongest, and the one that f is of.
            const double size = voltage ? (230.0 - 2 * c) / 600 : i_a / 14;
            const double lag = voltage ? 0 : lag_deg * degree;
            Tones tones{{1, size, angle - lag},
                        {5, 0.05 * size, 5 * (angle - lag)},
                        {40, 0.02 * size, 0.3}};
            // Three-wire: the channels hold Uab, nothing, Ucb.
            if (voltage && wiring != Wiring::p4l)
                for (Tone& tone : tones)
                    tone.angle += (c == 0 ? 30 : 90) * degree - angle;
            if ((voltage && c == 1 && wiring != Wiring::p4l) || (c == 4 && wiring == Wiring::p3l2))
                tones.clear();
            block.fill(c, tones, 50);
        }
    }
    SampleBlock& at(SimTime start) {
        block.block.window.start = start;
        return block.block;
    }
};

/// The sums of a block that meets no noise.
WindowSums clean_sums(const SampleBlock& block, MeteringConfig config) {
    for (AdcChannel& adc : config.adc)
        adc.noise_rms = 0;
    const auto codes = std::make_unique<WindowCodes>();
    WindowSums sums;
    sum_window(block, config, Random{0, ""}, 0, *codes, sums);
    return sums;
}

/// Mean and deviation as they come in.
struct Spread {
    double sum{0}, square{0};
    int count{0};
    void add(double x) {
        sum += x;
        square += x * x;
        ++count;
    }
    double mean() const { return sum / count; }
    double deviation() const { return std::sqrt(std::max(square / count - mean() * mean(), 0.0)); }
};

constexpr int windows = 3000;
/// 5 sigma of what the means and deviations of two draws of `windows` differ by.
const double of_mean = 5 * std::sqrt(2.0 / windows);
const double of_deviation = 5 * std::sqrt(1.0 / windows);

} // namespace

TEST_SUITE("validation") {
    TEST_CASE("readings that noise moves have the mean and deviation that they have by samples") {
        for (const Wiring wiring : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2}) {
            CAPTURE(static_cast<int>(wiring));
            const MeteringConfig config = config_of(wiring, 2e-4);
            Signal signal{wiring, 35};
            const SimDuration length = signal.block.block.window.length;
            Metering sampled{config, {}, Random{1, "samples"}};
            Metering repeated{config, {}, Random{1, "windows"}};
            std::vector<Spread> by_samples(reading_slots);
            std::vector<Spread> by_windows(reading_slots);
            for (int n = 0; n < windows + 2; ++n) {
                sampled.push(signal.at(SimTime{n * length}), {});
                for (std::size_t k = 0; k < reading_slots && n >= 2; ++k)
                    by_samples[k].add(sampled.state(0).readings.value[k]);
            }
            repeated.push(signal.at({}), {});
            const WindowSums sums = clean_sums(signal.block.block, config);
            REQUIRE(repeated.hold_steady(signal.block.block, &sums));
            REQUIRE(repeated.may_repeat_many());
            Repeat run{signal.block.block.window, 0, windows, 0};
            run.first.start += length;
            MeterState state;
            for (run.windows = 1; run.windows <= windows; ++run.windows) {
                repeated.show(run, {}, {&state, 1});
                for (std::size_t k = 0; k < reading_slots; ++k)
                    by_windows[k].add(state.readings.value[k]);
            }
            int compared = 0;
            for (std::size_t k = 0; k < reading_slots; ++k) {
                const double deviation = by_samples[k].deviation();
                if (deviation <= 1e-12 * std::abs(by_samples[k].mean()) ||
                    by_samples[k].mean() == 0)
                    continue;
                CAPTURE(k);
                CHECK(std::abs(by_windows[k].mean() - by_samples[k].mean()) < of_mean * deviation);
                CHECK(std::abs(by_windows[k].deviation() / deviation - 1) < of_deviation);
                ++compared;
            }
            CHECK(compared > 200);
        }
    }

    TEST_CASE("the energy of a run has the mean and deviation of as many windows' samples") {
        for (const Wiring wiring : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2}) {
            CAPTURE(static_cast<int>(wiring));
            constexpr int in_a_run = 40;
            const MeteringConfig config = config_of(wiring, 2e-4);
            Signal signal{wiring, 35};
            const SimDuration length = signal.block.block.window.length;
            Metering sampled{config, {}, Random{1, "samples"}};
            Metering repeated{config, {}, Random{1, "windows"}};
            const auto ws = [](const MeterState& state, Energy e) {
                const EnergyCount& count = state.energy[e];
                return static_cast<double>(count.wh) * 3600 + static_cast<double>(count.uj) * 1e-6;
            };
            constexpr std::array energies{Energy::p_import, Energy::q_import, Energy::s,
                                          Energy::p_import_a};
            std::array<Spread, 4> window_ws{};
            std::array<Spread, 4> run_ws{};
            std::array<double, 4> before{};
            for (int n = 0; n < windows; ++n) {
                sampled.push(signal.at(SimTime{n * length}), {});
                for (std::size_t k = 0; k < 4; ++k) {
                    const double now = ws(sampled.state(0), energies[k]);
                    window_ws[k].add(now - std::exchange(before[k], now));
                }
            }
            repeated.push(signal.at({}), {});
            const WindowSums sums = clean_sums(signal.block.block, config);
            REQUIRE(repeated.hold_steady(signal.block.block, &sums));
            Repeat run{signal.block.block.window, 0, in_a_run, in_a_run};
            run.first.start += length;
            for (std::size_t k = 0; k < 4; ++k)
                before[k] = ws(repeated.state(0), energies[k]);
            for (int n = 0; n < windows; ++n) {
                repeated.repeat(run, {});
                run.first.start = run.end();
                for (std::size_t k = 0; k < 4; ++k) {
                    const double now = ws(repeated.state(0), energies[k]);
                    run_ws[k].add(now - std::exchange(before[k], now));
                }
            }
            for (std::size_t k = 0; k < (wiring == Wiring::p4l ? 4 : 3); ++k) {
                CAPTURE(k);
                const double deviation = window_ws[k].deviation();
                REQUIRE(deviation > 0);
                CHECK(std::abs(run_ws[k].mean() / in_a_run - window_ws[k].mean()) <
                      of_mean * deviation);
                CHECK(std::abs(run_ws[k].deviation() / (deviation * std::sqrt(in_a_run)) - 1) <
                      of_deviation);
            }
        }
    }
}

TEST_SUITE("unit") {
    TEST_CASE("without noise a run counts what its windows count one by one") {
        for (const Wiring wiring : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2}) {
            const MeteringConfig config = config_of(wiring, 0);
            Signal signal{wiring, -50};
            const SimDuration length = signal.block.block.window.length;
            Metering sampled{config, {}, Random{1, "noise"}};
            Metering repeated{config, {}, Random{1, "noise"}};
            for (int n = 0; n < 302; ++n)
                sampled.push(signal.at(SimTime{n * length}), {});
            for (int n = 0; n < 2; ++n)
                repeated.push(signal.at(SimTime{n * length}), {});
            REQUIRE(repeated.hold_steady(signal.block.block, nullptr));
            Repeat run{signal.block.block.window, 0, 300, 300};
            run.first.start += length;
            MeterState shown;
            repeated.show(run, {}, {&shown, 1});
            repeated.repeat(run, {});
            for (const MeterState& state : {shown, repeated.state(0)}) {
                const MeterState& want = sampled.state(0);
                CHECK(state.at == want.at);
                CHECK(state.window == want.window);
                CHECK(state.readings.value == want.readings.value);
                for (std::size_t e = 0; e < energy_slots; ++e) {
                    const EnergyCount& a = state.energy.count[e];
                    const EnergyCount& b = want.energy.count[e];
                    CHECK(std::abs((a.wh - b.wh) * EnergyCount::uj_per_wh + a.uj - b.uj) <= 3);
                }
            }
            // And goes on as if it had sampled them: f needs the phase at the last window's end.
            sampled.push(signal.at(SimTime{302 * length}), {});
            repeated.push(signal.at(SimTime{302 * length}), {});
            CHECK(repeated.state(0).readings.value == sampled.state(0).readings.value);
        }
    }

    TEST_CASE("noise that might turn a power's sign allows no long run") {
        const auto may_be_long = [](double lag_deg, double i_a, double start_a) {
            const MeteringConfig config = config_of(Wiring::p4l, 2e-4);
            MeteringSettings settings;
            settings.start_current_a[0] = start_a;
            Metering meter{config, settings, Random{1, "noise"}};
            Signal signal{Wiring::p4l, lag_deg, i_a};
            meter.push(signal.block.block, {});
            const WindowSums sums = clean_sums(signal.block.block, config);
            REQUIRE(meter.hold_steady(signal.block.block, &sums));
            return meter.may_repeat_many();
        };
        CHECK(may_be_long(30, 4, 0));
        CHECK_FALSE(may_be_long(0, 4, 0));       // Q
        CHECK_FALSE(may_be_long(90.0226, 4, 0)); // P: what the 40th order takes, the first gives
        CHECK_FALSE(may_be_long(30, 0, 0));
        CHECK(may_be_long(30, 0, 0.1)); // it has not started
        CHECK_FALSE(may_be_long(30, 0.1, 0.1));
        CHECK(may_be_long(30, 0.15, 0.1));
    }

    TEST_CASE("a window that clips, or might with its noise, is to be sampled again") {
        const auto settles = [](double noise, double peak_a) {
            const MeteringConfig config = config_of(Wiring::p4l, noise);
            Metering meter{config, {}, Random{1, "noise"}};
            Signal signal{Wiring::p4l, 30};
            for (int c = 3; c < 6; ++c)
                signal.block.fill(c, {{1, peak_a / std::numbers::sqrt2 / 14, 0}}, 50);
            meter.push(signal.block.block, {});
            const WindowSums sums = clean_sums(signal.block.block, config);
            return meter.hold_steady(signal.block.block, &sums);
        };
        CHECK(settles(0, 13.99));
        CHECK_FALSE(settles(0, 14.01));
        CHECK(settles(1e-4, 13.98));
        CHECK_FALSE(settles(1e-3, 13.98));
    }
}
