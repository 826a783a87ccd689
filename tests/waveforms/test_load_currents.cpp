#include "verification/paper_supply.hpp"
#include "waveforms/load_currents.hpp"
#include "waveforms/terminals.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

using Kind = DisturbanceKind;

LoadSpec load_of(LoadKind kind) {
    LoadSpec load;
    load.kind = kind;
    load.p_w = {2300, 1150, 4600};
    return load;
}

SupplyWindow window_with(const Disturbance& what) {
    SupplySpec spec;
    spec.disturbances = {what};
    return Supply{spec, Random{1, "supply"}}.through({SimTime{}, 200ms, 10});
}

/// Samples of one circuit, 6 channels at 100 V or A of full scale.
std::vector<double> sampled(const SupplyWindow& w, const WindowCurrents& drawn,
                            SampleBlock& block) {
    std::vector<double> data(6 * max_samples_per_window);
    block.data = data;
    const std::vector<AdcChannel> adc(max_channels, AdcChannel{.full_scale = 100});
    sample(wire_drawn({}, w, {&drawn, 1}), w, Random{1, "noise"}, {}, adc, block);
    return data;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE(
        "in a dip a load that holds its power draws more, a resistance less, a dead one nothing") {
        const SupplyWindow half =
            window_with({.start = SimTime{50ms}, .length = 100ms, .factor = 0.5});
        const WindowCurrents power = currents_of(load_of(LoadKind::constant_power), half);
        const WindowCurrents ohms = currents_of(load_of(LoadKind::resistive), half);
        REQUIRE(power.pieces.size() == 3);
        CHECK(power.pieces[1].first_row == 320);
        CHECK(power.pieces[1].last_row == 960);
        CHECK(std::abs(power.pieces[0].from[0][1]) == doctest::Approx(10).epsilon(1e-14));
        CHECK(std::abs(power.pieces[1].from[0][1]) == doctest::Approx(20).epsilon(1e-14));
        CHECK(std::abs(power.pieces[1].to[0][1]) == doctest::Approx(20).epsilon(1e-14));
        CHECK(std::abs(ohms.pieces[1].from[1][1]) == doctest::Approx(2.5).epsilon(1e-14));
        CHECK(std::abs(ohms.pieces[2].from[1][1]) == doctest::Approx(5).epsilon(1e-14));
        const SupplyWindow gone =
            window_with({.start = SimTime{50ms}, .length = 100ms, .factor = 0.04});
        const WindowCurrents none = currents_of(load_of(LoadKind::constant_power), gone);
        CHECK(none.pieces[1].from[2][1] == 0.0);
        CHECK(none.pieces[2].from[2][1] == power.pieces[2].from[2][1]);
        CHECK(currents_of(load_of(LoadKind::constant_power), window_with({})).pieces.empty());
    }

    TEST_CASE(
        "while a level moves, currents go straight between answers an eighth of a cycle apart") {
        const SupplyWindow w =
            window_with({.start = SimTime{50ms}, .length = for_good, .edge = 100ms, .factor = 0.5});
        const LoadSpec load = load_of(LoadKind::constant_power);
        const WindowCurrents drawn = currents_of(load, w);
        CHECK(drawn.pieces.size() == 1 + 640 / 16 + 1);
        SampleBlock block;
        const std::vector<double> data = sampled(w, drawn, block);
        REQUIRE(block.rows == 1280);
        double worst_formula = 0;
        double worst_answer = 0;
        for (const CurrentPiece& piece : drawn.pieces) {
            for (int n = piece.first_row; n < piece.last_row; ++n) {
                const auto amperes = [&](int row) { // what U there would draw for good
                    const long double level = row < 320   ? 1
                                              : row < 960 ? 1 - (row - 320) / 1280.0L
                                                          : 0.5L;
                    return 10 / level;
                };
                const int steps = std::max(1, piece.last_row - 1 - piece.first_row);
                const long double part = static_cast<long double>(n - piece.first_row) / steps;
                const long double i =
                    amperes(piece.first_row) * (1 - part) + amperes(piece.last_row - 1) * part;
                const long double sine =
                    std::sqrt(2.0L) / 100 * std::sin(2 * PaperSupply::pi * w.phase_at(n).turns());
                const double x = data[3 * max_samples_per_window + static_cast<std::size_t>(n)];
                worst_formula =
                    std::max(worst_formula, static_cast<double>(std::abs(x - i * sine)));
                worst_answer =
                    std::max(worst_answer, static_cast<double>(std::abs(i / amperes(n) - 1)));
            }
        }
        CHECK(worst_formula < 1e-12);
        // 15 rows move the level by d = 0.5 * 15 / 640; a chord of 1 / level is d^2 / 4 level^2 off.
        CHECK(worst_answer < 1.4e-4);
    }

    TEST_CASE("a burst-fired load is on and off by whole cycles of its own voltage") {
        LoadSpec load = load_of(LoadKind::resistive);
        load.burst = {2, 3};
        for (const double f_hz : {50.0, 47.3}) {
            SupplySpec spec;
            spec.f_hz = f_hz;
            const PaperSupply written{spec};
            Supply supply{spec, Random{1, "supply"}};
            SimTime at{-333ms}; // before the farm's start, as a lock begins
            for (int windows = 0; windows < 12; ++windows) {
                const SupplyWindow w = supply.through({at, 199'999'999ns, 10});
                SampleBlock block;
                const std::vector<double> data = sampled(w, currents_of(load, w), block);
                REQUIRE(block.rows == 1280);
                int wrong = 0;
                for (int n = 0; n < 1280; ++n) {
                    for (std::size_t p = 0; p < 3; ++p) {
                        const long double turns =
                            written.turns(at, 1999999.99L * n / 12.8L) + spec.angle_deg[p] / 360.0L;
                        if (std::abs(turns - std::round(turns)) < 1e-9L)
                            continue; // at the crossing itself either will do
                        const bool on = turns - 5 * std::floor(turns / 5) < 2;
                        const auto sample = static_cast<std::size_t>(n);
                        const double u = data[p * max_samples_per_window + sample];
                        const double i = data[(3 + p) * max_samples_per_window + sample];
                        const double siemens = on ? load.p_w[p] / (230.0 * 230.0) : 0;
                        wrong += std::abs(i - siemens * u) < 1e-12 ? 0 : 1;
                    }
                }
                CHECK(wrong == 0);
                at = w.window.end();
            }
        }
    }

    TEST_CASE("a burst goes on in a dip") {
        SupplySpec spec;
        spec.disturbances = {{.start = SimTime{33ms}, .length = 22ms, .factor = 0.5}};
        LoadSpec load = load_of(LoadKind::resistive);
        load.burst = {1, 1};
        const SupplyWindow w = Supply{spec, Random{1, "s"}}.through({SimTime{}, 200ms, 10});
        const WindowCurrents drawn = currents_of(load, w);
        int row = 0;
        for (const CurrentPiece& piece : drawn.pieces) {
            CHECK(piece.first_row == row);
            row = piece.last_row;
            const double level = w.rows.level[static_cast<std::size_t>(piece.first_row)][0];
            const bool on = piece.first_row / 128 % 2 == 0;
            CHECK(std::abs(piece.from[0][1]) ==
                  doctest::Approx(on ? 10 * level : 0).epsilon(1e-14));
        }
        CHECK(row == 1280);
    }
}
