#include "waveforms/recorded_samples.hpp"

#include "waveforms/terminals.hpp"
#include "waveforms/true_samples.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

/// 10 cycles of anything: a sine that moves on by `turns`, a dip, an oscillation between the orders.
PhaseSamples rows_of(double size, double turns) {
    PhaseSamples rows;
    for (int p = 0; p < 3; ++p) {
        for (int n = 0; n < 1280; ++n) {
            const double t = n / 128.0;
            const double theta = 2 * std::numbers::pi * (t + turns - p / 3.0);
            const double level = n > 500 && n < 900 ? 0.4 : 1.0;
            rows[static_cast<std::size_t>(p)].push_back(
                size * (level * std::sin(theta) + 0.1 * std::sin(5 * theta) +
                        0.05 * std::sin(2 * std::numbers::pi * 58.3 * t) + 0.02));
        }
    }
    return rows;
}

Window window_at(SimTime start) {
    Window window;
    window.start = start;
    window.length = 200ms;
    return window;
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("given voltages and currents are sampled as they were given") {
        const PhaseSamples u = rows_of(325, 0.3);
        const PhaseSamples i = rows_of(7, 0.1);
        SampledSupply given;
        const SupplyWindow supply = given.through(window_at({}), u);
        WiringSpec wiring;
        wiring.i_phase[0] = {1, 2, 0};
        wiring.ct_reversed[0] = {false, true, false};
        wiring.ct_ratio[0] = 10;
        const std::vector<WindowCurrents> loads{recorded_currents(supply, i)};
        const TerminalSpectra terminals = wire_drawn(wiring, supply, loads);
        std::vector<AdcChannel> adc(6);
        for (std::size_t c = 0; c < 6; ++c)
            adc[c].full_scale = c < 3 ? 500 : 2;
        std::vector<double> data(6 * max_samples_per_window);
        SampleBlock block;
        block.data = data;
        sample(terminals, supply, Random{1, "noise"}, wiring, adc, block);
        REQUIRE(block.rows == 1280);
        double worst = 0;
        for (std::size_t n = 0; n < 1280; ++n) {
            for (std::size_t p = 0; p < 3; ++p) {
                const auto c = static_cast<int>(p);
                worst = std::max(worst, std::abs(block.channel(c)[n] - u[p][n] / 500));
                const double current = (p == 1 ? -0.1 : 0.1) * i[(p + 1) % 3][n];
                worst = std::max(worst, std::abs(block.channel(3 + c)[n] - current / 2));
            }
        }
        CHECK(worst < 1e-13);

        const Readings r = truth(terminals, supply, wiring, 0);
        double squares = 0;
        double sum = 0;
        double power = 0;
        double of_i = 0;
        for (std::size_t n = 0; n < 1280; ++n) {
            squares += u[0][n] * u[0][n] / 1280;
            sum += u[0][n] / 1280;
            power += u[0][n] * i[1][n] / 1280;
            of_i += i[1][n] / 1280;
        }
        CHECK(r[Slot::u_a] == doctest::Approx(std::sqrt(squares - sum * sum)).epsilon(1e-12));
        CHECK(r[Slot::p_a] == doctest::Approx(power - sum * of_i).epsilon(1e-12));
    }

    TEST_CASE("turns of given voltages are counted through slips, jumps and interruptions") {
        SampledSupply given;
        const auto total = [](const SupplyWindow& w) {
            return static_cast<double>(w.first_turn) + w.start_phase.turns();
        };
        SimTime at{};
        CHECK(total(given.through(window_at(at), rows_of(325, 0.01))) ==
              doctest::Approx(0.01).epsilon(1e-2));
        // The clock is slow by 0.02 turns a window: back across zero, without a turn too many.
        CHECK(total(given.through(window_at(at += 200ms), rows_of(325, -0.01))) ==
              doctest::Approx(9.99).epsilon(1e-4));
        PhaseSamples dead;
        for (std::vector<double>& phase : dead)
            phase.assign(1280, 0.0);
        const SupplyWindow nothing = given.through(window_at(at += 200ms), dead);
        CHECK(total(nothing) == doctest::Approx(19.99).epsilon(1e-4));
        CHECK(nothing.own_phase[1].turns() == doctest::Approx(2.0 / 3.0));
        CHECK(total(given.through(window_at(at += 200ms), rows_of(325, 0.2))) ==
              doctest::Approx(30.2).epsilon(1e-4));
    }
}
