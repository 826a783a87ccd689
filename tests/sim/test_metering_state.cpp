// A Metering that is put away as bytes and taken out again goes on as if nothing had been.
#include "samples.hpp"
#include "sim/archive.hpp"
#include "sim/difference.hpp"
#include "sim/metering_state.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::Block;
using test::Dice;
using test::Tones;

namespace {

constexpr double degree = std::numbers::pi / 180;

struct Kind {
    Wiring wiring{Wiring::p4l};
    int circuits{1};
    double noise{0};
    double clock_error{0};
};

MeteringConfig config_of(const Kind& kind) {
    MeteringConfig config;
    config.wiring = kind.wiring;
    config.circuits = kind.circuits;
    config.clock_error = kind.clock_error;
    for (std::size_t c = 0; c < max_channels; ++c) {
        config.adc[c].full_scale = c < 3 ? 600 : 14;
        config.adc[c].noise_rms = kind.noise;
        config.adc[c].gain_error = 1e-3 * static_cast<double>(c);
    }
    return config;
}

/// The sums of a block that meets no noise.
WindowSums clean_sums(const SampleBlock& block, MeteringConfig config) {
    for (AdcChannel& adc : config.adc)
        adc.noise_rms = 0;
    const auto codes = std::make_unique<WindowCodes>();
    WindowSums sums;
    sum_window(block, config, Random{0, ""}, 0, *codes, sums);
    return sums;
}

/// A meter's days: each step draws what comes next, the same for the same dice.
class Life {
public:
    Life(const Kind& kind, std::uint64_t seed)
        : config_{config_of(kind)}, block_{test::window_at(50), config_.channels().size(),
                                           max_samples_per_window},
          dice_{seed} {
        block_.block.window = test::window_at(50);
    }

    /// Windows that are sampled, or one and a run of its like; now and then something happens.
    void step(Metering& meter) {
        const double what = dice_(0, 10);
        if (what < 5)
            sampled(meter);
        else if (what < 9)
            run(meter);
        else if (what < 9.3)
            meter.clear_energy();
        else if (what < 9.6)
            meter.clear_demand_maxima();
        else
            settings(meter);
    }
    /// What a meter of this kind would show.
    std::vector<MeterState> shown(const Metering& meter) const {
        std::vector<MeterState> out(static_cast<std::size_t>(config_.circuits));
        meter.show({}, {}, out);
        return out;
    }
    Metering fresh() const { return Metering{config_, {}, Random{7, "meter/m/noise"}}; }

private:
    MeteringMoment moment(SimTime at) const {
        const auto s = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch());
        return {CivilTime{s * 40}, static_cast<int>(s / 5s % 6)}; // minutes come fast
    }
    void fill(int rows) {
        block_.block.rows = rows;
        const double dead = dice_(0, 1);
        for (int c = 0; c < config_.channels().size(); ++c) {
            const double size = c < 3 ? (dead < 0.1 ? 0.0 : dice_(0.2, 0.6)) : dice_(0, 0.72);
            const double angle = -120.0 * (c % 3) + dice_(-80, 80);
            const bool none = config_.wiring != Wiring::p4l &&
                              (c == 1 || (config_.wiring == Wiring::p3l2 && c % 3 == 1));
            block_.fill(c, none ? Tones{} : Tones{{1, size, angle * degree}, {5, 0.02 * size, 1}},
                        50);
        }
    }
    void push(Metering& meter) {
        meter.push(block_.block, moment(block_.block.window.end()));
        block_.block.window.start = block_.block.window.end();
    }
    void sampled(Metering& meter) {
        fill(block_.block.window.samples());
        push(meter);
    }
    void run(Metering& meter) {
        fill(samples_per_cycle);
        const Window window = block_.block.window;
        meter.push(block_.block, moment(window.end()));
        const WindowSums sums = clean_sums(block_.block, config_);
        const bool steady = meter.hold_steady(block_.block, &sums);
        block_.block.window.start = window.end();
        if (!steady)
            return;
        run_ = {block_.block.window, dice_(-1e-9, 1e-9), 1, 0};
        if (meter.may_repeat_many())
            run_.planned = static_cast<std::int64_t>(dice_(1, 30));
        run_.windows = run_.planned;
        meter.repeat(run_, moment(run_.end()));
        block_.block.window.start = run_.end();
    }
    void settings(Metering& meter) {
        MeteringSettings settings;
        settings.ct.fill(dice_(1, 40));
        settings.start_current_a.fill(dice_(0, 0.1));
        settings.demand_minutes = static_cast<int>(dice_(1, 9));
        meter.apply(settings);
    }

    MeteringConfig config_;
    Block block_;
    Dice dice_;
    Repeat run_;
};

const std::vector<Kind> kinds{{Wiring::p4l, 1, 0, 0},         {Wiring::p4l, 4, 2e-5, 0},
                              {Wiring::p3l3, 1, 0, 1e-5},     {Wiring::p3l3, 2, 2e-4, 0},
                              {Wiring::p3l2, 1, 2e-4, -1e-5}, {Wiring::p3l2, 1, 0, 0}};

/// From bytes, into a meter that has lived another life.
Metering taken_out(const Life& life, const Kind& kind, const Bytes& bytes) {
    Metering meter = life.fresh();
    Life other{kind, 99};
    for (int n = 0; n < 3; ++n)
        other.step(meter);
    MeteringState state;
    from_bytes(bytes, state);
    meter.restore(std::move(state));
    return meter;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a meter that was put away goes on as the one that was not") {
        for (const Kind& kind : kinds) {
            for (std::uint64_t seed = 1; seed <= 3; ++seed) {
                CAPTURE(static_cast<int>(kind.wiring));
                CAPTURE(kind.noise);
                CAPTURE(seed);
                Life life{kind, seed};
                Life life_again{kind, seed}; // the same dice
                Metering whole = life.fresh();
                Metering again = life.fresh();
                Dice when{seed};
                int put_away = 0;
                for (int n = 0; n < 30; ++n) {
                    life.step(whole);
                    life_again.step(again);
                    if (when(0, 4) < 1) {
                        again = taken_out(life, kind, bytes_of(again.state()));
                        ++put_away;
                    }
                    REQUIRE(first_difference(whole.state(), again.state()) == "");
                    REQUIRE(first_difference(life.shown(whole), life.shown(again)) == "");
                    REQUIRE(whole.can_repeat() == again.can_repeat());
                }
                CHECK(put_away > 2);
                CHECK(whole.state(0).window > 40);
            }
        }
    }

    TEST_CASE("a run that is shown, and not yet counted, is shown the same after it") {
        for (const double noise : {0.0, 2e-4}) {
            const Kind kind{Wiring::p4l, 1, noise, 0};
            const MeteringConfig config = config_of(kind);
            Life life{kind, 1};
            Metering whole = life.fresh();
            Block block{test::window_at(50), 6, samples_per_cycle};
            for (int c = 0; c < 6; ++c)
                block.fill(c, {{1, 0.3, (-120.0 * (c % 3) - (c < 3 ? 0 : 30)) * degree}}, 50);
            whole.push(block.block, {});
            const WindowSums sums = clean_sums(block.block, config);
            REQUIRE(whole.hold_steady(block.block, &sums));
            Repeat run{block.block.window, 1e-10, 60, 0};
            run.first.start += run.first.length;
            Metering again = taken_out(life, kind, bytes_of(whole.state()));
            Repeat run_again;
            MeterState shown, shown_again;
            for (run.windows = 0; run.windows < run.planned; run.windows += 7) {
                from_bytes(bytes_of(run), run_again);
                whole.show(run, {}, {&shown, 1});
                again.show(run_again, {}, {&shown_again, 1});
                CHECK(first_difference(shown, shown_again) == "");
                CHECK(shown.window == 1 + static_cast<std::uint64_t>(run.windows));
                again = taken_out(life, kind, bytes_of(again.state()));
            }
            run.windows = run.planned;
            whole.repeat(run, {});
            again.repeat(run, {});
            CHECK(first_difference(whole.state(), again.state()) == "");
        }
    }

    TEST_CASE("a difference in a meter's state has a name, and a copy is one of its own") {
        const Kind kind{Wiring::p4l, 2, 2e-5, 0};
        Life life{kind, 3};
        Metering meter = life.fresh();
        while (!meter.state().steady)
            life.step(meter);
        MeteringState copy = meter.state();
        const auto difference = [&] { return first_difference(meter.state(), copy, "metering"); };
        CHECK(difference() == "");
        copy.circuits[1].state.energy[Energy::p_export].uj += 1;
        CHECK(difference() == "metering.circuits[1].state.energy.count[" +
                                  std::to_string(static_cast<int>(Energy::p_export)) + "].uj");
        copy = meter.state();
        copy.steady->sums.x[2][7] = 1;
        CHECK(difference() == "metering.steady.sums.x[2][7]");
        copy = meter.state();
        DemandMeter demand;
        copy.circuits[0].demand = demand;
        demand.push({}, 200ms, {}, copy.circuits[0].state.demand);
        CHECK(first_difference(copy.circuits[0].demand, demand) == "running.seconds");
        copy = meter.state();
        copy.frequency.forget();
        CHECK(difference() == "metering.frequency.have_last");
    }

    TEST_CASE("a state of another meter, cut or damaged bytes: BadState, or a meter that goes on") {
        for (const Kind& kind : {kinds[0], kinds[1], kinds[4]}) {
            Life life{kind, 4};
            Metering meter = life.fresh();
            for (int n = 0; n < 12 || !meter.can_repeat(); ++n)
                life.step(meter);
            Kind other = kind;
            other.circuits = kind.circuits == 1 ? 2 : 1;
            Metering of_another = Life{other, 4}.fresh();
            CHECK_THROWS_AS(of_another.restore(meter.state()), BadState);
            const Bytes good = bytes_of(meter.state());
            Dice dice{8};
            int refused = 0;
            for (int trial = 0; trial < 2000; ++trial) {
                Bytes bad = good;
                for (double flips = dice(1, 4); flips > 0; --flips) {
                    // Each second one where the shape is decided: before the circuits' readings.
                    const double most = dice(0, 2) < 1 ? 200 : static_cast<double>(bad.size());
                    const auto at = static_cast<std::size_t>(dice(0, most));
                    bad[at] =
                        static_cast<std::uint8_t>(bad[at] ^ 1u << static_cast<int>(dice(0, 8)));
                }
                if (dice(0, 4) < 1)
                    bad.resize(static_cast<std::size_t>(dice(0, static_cast<double>(bad.size()))));
                try {
                    MeteringState state;
                    from_bytes(bad, state);
                    Metering again = life.fresh();
                    again.restore(std::move(state));
                    Life more{kind, 5};
                    if (trial % 50 == 0)
                        more.step(again);
                } catch (const BadState&) {
                    ++refused;
                }
            }
            CHECK(refused > 600);
            CHECK(refused < 2000);
        }
    }
}
