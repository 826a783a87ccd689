#include "metering_bench.hpp"
#include "sim/difference.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace kpmsim;
using namespace kpmsim::test;

TEST_SUITE("unit") {
    TEST_CASE("one cycle that counts for all gives the bits of all cycles") {
        for (const int cycles : {10, 12})
            for (const Wiring wiring : {Wiring::p4l, Wiring::p3l3, Wiring::p3l2})
                for (const double noise : {0.0, 1e-5}) {
                    MeteringConfig config = star(2);
                    config.wiring = wiring;
                    // Noise on some channels only: coherent and expanded ones then meet in a
                    // product.
                    config.adc[1].noise_rms = noise;
                    config.adc[2].noise_rms = noise;
                    config.adc[3].noise_rms = noise;
                    Metering one{config, {}, Random{1, "m"}}, all{config, {}, Random{1, "m"}};
                    Window window = window_at(cycles == 10 ? 50 : 60, cycles);
                    for (int w = 0; w < 3; ++w, window.start = window.end()) {
                        Block cycle{window, 9, 128};
                        Block expanded{window, 9, window.samples()};
                        for (int c = 0; c < 9; ++c) {
                            cycle.fill(c, {{1, 0.4, -2.1 * c}, {3, 0.1, c * 1.0}, {30, 0.01, 0}},
                                       cycles == 10 ? 50 : 60, 0.001 * c);
                            for (int n = 0; n < window.samples(); ++n)
                                expanded.block.channel(c)[static_cast<std::size_t>(n)] =
                                    cycle.block.channel(c)[static_cast<std::size_t>(n % 128)];
                        }
                        one.push(cycle.block, {});
                        all.push(expanded.block, {});
                        CHECK(first_difference(one.state(0), all.state(0)) == "");
                        CHECK(first_difference(one.state(1), all.state(1)) == "");
                    }
                    CHECK(one.state(0).readings[Slot::u_ab] > 0);
                }
    }

    TEST_CASE(
        "any thread gives the same bits, and meters that share one do not disturb each other") {
        const auto run = [](std::uint64_t seed, Metering* other) {
            MeteringConfig config = star(4);
            for (AdcChannel& adc : config.adc)
                adc.noise_rms = 1e-5;
            Metering meter{config, {}, Random{seed, "m"}};
            Dice dice{seed};
            Window window = window_at(49.7);
            for (int w = 0; w < 5; ++w, window.start = window.end()) {
                Block b{window, 15, 1280};
                for (double& x : b.data)
                    x = dice(-0.7, 0.7);
                meter.push(b.block, {});
                if (other)
                    other->push(b.block, {});
            }
            return meter.state(3);
        };
        Metering other{star(1), {}, Random{9, "o"}};
        const MeterState here = run(4, &other);
        MeterState there;
        std::thread{[&] { there = run(4, nullptr); }}.join();
        CHECK(first_difference(here, there) == "");
        CHECK(first_difference(here, run(5, nullptr)) != "");
    }
}
