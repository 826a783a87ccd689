#include "metering_bench.hpp"
#include "sim/difference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace kpmsim;
using namespace kpmsim::test;

TEST_SUITE("unit") {
    TEST_CASE("without a voltage f is 0, and what is dead has no distortion, angle or unbalance") {
        MeteringConfig config = star();
        for (AdcChannel& adc : config.adc)
            adc.noise_rms = 6.3e-6;
        Bench b{config};
        b.push(std::vector<Tones>(6));
        for (const char* name : {"f", "thd_u_a", "thd_i_b", "hr_i_b_5", "angle_u_b", "angle_i_c",
                                 "unb_u", "unb_i", "unb_u2"})
            CHECK_MESSAGE(b.get(name) == 0, name);
        CHECK(b[Slot::u_a] > 0); // the noise itself is there
        b.push(fundamentals({230, 230, 230}, {0, -120, 120}, {0, 0, 0}, {0, 0, 0}));
        CHECK(std::abs(b[Slot::f] - 50) < 1e-4);
    }

    TEST_CASE("samples beyond full scale are counted, in a coherent window once a cycle") {
        Metering meter{star(), {}, Random{1, "m"}};
        Block b{window_at(50), 6, 128};
        b.block.channel(4)[17] = 1.5;
        meter.push(b.block, {});
        CHECK(meter.clipped() == 10);
        CHECK(meter.clipped(4) == 10);
        CHECK(meter.clipped(3) == 0);
    }

    TEST_CASE(
        "the status of a window names the channels that clipped, by circuit, and lasts as long") {
        Metering meter{star(2), {}, Random{1, "m"}};
        Block b{window_at(50), 9, 128};
        const auto push = [&](std::initializer_list<int> clipping) {
            for (int c = 0; c < 9; ++c)
                b.block.channel(c)[5] =
                    std::find(clipping.begin(), clipping.end(), c) == clipping.end()
                        ? 1.0 // full scale itself does not clip
                        : -1.1;
            meter.push(b.block, {});
            b.block.window.start = b.block.window.end();
        };
        const auto shown = [&](int circuit) {
            const MeterState& state = meter.state(circuit);
            return std::array{state.get(quantity(Status::clip_u)),
                              state.get(quantity(Status::clip_i)),
                              state.get(quantity(Status::clip_windows))};
        };
        using Shown = std::array<double, 3>;
        push({});
        CHECK(shown(0) == Shown{0, 0, 0});
        push({0, 2, 4}); // Ua, Uc, Ib of circuit 1
        CHECK(shown(0) == Shown{5, 2, 1});
        CHECK(shown(1) == Shown{5, 0, 1});
        push({8}); // Ic of circuit 2
        CHECK(shown(0) == Shown{0, 0, 1});
        CHECK(shown(1) == Shown{0, 4, 2});
        push({});
        CHECK(shown(1) == Shown{0, 0, 2});
        CHECK(meter.state(1).clip.channel_windows ==
              std::array<std::uint64_t, 6>{1, 0, 1, 0, 0, 1});
        meter.clear_energy(); // what the energy lost by clipping stays known
        CHECK(shown(1) == Shown{0, 0, 2});
    }

    TEST_CASE("the window before counting begins is shown, and nothing counts it") {
        using std::chrono::seconds;
        const CivilTime start{seconds{1'768'000'000 - 1'768'000'000 % 60 + 50}};
        MeteringSettings settings;
        settings.demand_minutes = 1;
        const auto fill = [](Block& b, double u, double i) {
            for (int c = 0; c < 9; ++c)
                b.fill(c, {{1, c < 3 ? u : i, -2.0943951023931953 * (c % 3)}}, 50);
        };
        std::vector<MeterState> counted;
        for (const double before : {0.0, 0.3, 2.0}) {
            Metering meter{star(2), settings, Random{1, "m"}};
            Block b{window_at(50), 9, 128};
            fill(b, 0.2 * (1 + before), before);
            meter.begin(b.block, start);
            const MeterState& state = meter.state(1);
            CHECK(state.readings[Slot::i_a] ==
                  doctest::Approx(10 * std::min(before, 0.8)).epsilon(0.2));
            CHECK(state.clip.i == (before > 1 ? 7 : 0));
            CHECK(state.clip.windows == 0);
            CHECK(meter.clipped() == 0);
            CHECK(state.window == 0);
            CHECK(state.energy.count == EnergyRegisters{}.count);
            CHECK(state.demand.value == DemandReadings{}.value);
            fill(b, 0.2, 0.1);
            for (int w = 1; w <= 50; ++w) {
                b.block.window.start = b.block.window.end();
                meter.push(b.block, {start + seconds{w / 5}, 0});
            }
            counted.push_back(state);
        }
        CHECK(counted[0].demand[Demand::p] == doctest::Approx(3 * 0.2 * 600 * 0.1 * 10));
        for (const MeterState& state : counted) {
            CHECK(state.window == 50);
            CHECK(first_difference(state, counted[0]) == "");
        }
    }

    TEST_CASE("with two transformers the third current, which is worked out, has no status") {
        MeteringConfig config = star();
        config.wiring = Wiring::p3l2;
        Metering meter{config, {}, Random{1, "m"}};
        Block b{window_at(50), 6, 128};
        for (int c = 3; c < 6; ++c)
            b.block.channel(c)[0] = 2;
        meter.push(b.block, {});
        CHECK(meter.state(0).clip.i == 5);
    }
    TEST_CASE("70 dB below full scale a channel still has its angle and its distortion") {
        Bench b{star()};
        const double i_a = 3e-4 * 10 / std::numbers::sqrt2;
        auto channels =
            fundamentals({230, 230, 230}, {0, -120, 120}, {i_a, i_a, i_a}, {-40, -160, 80});
        for (std::size_t c = 3; c < 6; ++c)
            channels[c].push_back({5, 0.5 * i_a, 0});
        b.push(channels);
        CHECK(b[Slot::angle_i_a] == doctest::Approx(40).epsilon(1e-3));
        CHECK(b[Slot::thd_i_a] == doctest::Approx(50).epsilon(1e-3));
    }
}
