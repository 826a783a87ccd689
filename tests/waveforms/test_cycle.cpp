#include "waveforms/cycle.hpp"

#include "sim/kernel_level.hpp"
#include "sim/random.hpp"
#include "waveforms/sine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

using namespace kpmsim;

namespace {

constexpr std::uint64_t locked_step = std::uint64_t{1} << 57;

/// Orders 1 to 50 that fall like 1/h at random angles, 0.9 of full scale at most, and an offset.
Coefficients some_wave(const Random& random, std::uint64_t trial) {
    Coefficients c;
    c.offset = 0.01;
    c.highest = trial % 3 == 0 ? 50 : trial % 3 == 1 ? 31 : 1;
    for (std::size_t h = 1; h <= static_cast<std::size_t>(c.highest); ++h) {
        const double angle = 2 * std::numbers::pi * random.uniform(100 * trial + h);
        c.a[h] = 0.2 / static_cast<double>(h) * std::cos(angle);
        c.b[h] = 0.2 / static_cast<double>(h) * std::sin(angle);
    }
    return c;
}

long double written(const Coefficients& c, Turn theta) {
    long double x = c.offset;
    for (std::size_t h = 1; h <= static_cast<std::size_t>(c.highest); ++h) {
        const long double angle = 2 * std::numbers::pi_v<long double> *
                                  static_cast<long double>((h * theta).raw) * 0x1p-64L;
        x += c.a[h] * std::sin(angle) + c.b[h] * std::cos(angle);
    }
    return x;
}

} // namespace

TEST_SUITE("unit") {

    TEST_CASE("a window of a clock that follows is the sum of its sines to 1e-15 of full scale, "
              "however far it slips") {
        const Random random{5, "cycle"};
        long double worst = 0;
        for (std::uint64_t trial = 0; trial < 60; ++trial) {
            const int rows = trial % 2 ? 1280 : 1536;
            const Turn start{random.bits(2 * trial)};
            const double most = 2 * CycleSynthesis::most_turns * 0x1p64 / rows;
            const auto slip =
                trial % 5 == 0
                    ? std::int64_t{0}
                    : std::llround(most * 0.999 * std::pow(10.0, -static_cast<double>(trial % 7)) *
                                   (trial % 2 ? 1 : -1));
            REQUIRE(CycleSynthesis::can(slip, rows));
            const Coefficients wave = some_wave(random, trial);
            CycleSynthesis cycle;
            cycle.aim(start, slip, rows);
            std::vector<double> x(static_cast<std::size_t>(cycle.rows()));
            cycle.make(wave, x.data());
            for (std::size_t n = 0; n < x.size(); ++n) {
                const Turn theta{start.raw + n * (locked_step + static_cast<std::uint64_t>(slip))};
                worst = std::max(worst, std::abs(x[n] - written(wave, theta)));
            }
        }
        MESSAGE("worst ", static_cast<double>(worst));
        CHECK(worst < 1e-15L);
    }

    TEST_CASE("a clock that slips too far is refused") {
        const double most = 2 * CycleSynthesis::most_turns * 0x1p64 / 1280;
        CHECK(CycleSynthesis::can(std::llround(0.99 * most), 1280));
        CHECK_FALSE(CycleSynthesis::can(std::llround(1.01 * most), 1280));
        CHECK_FALSE(CycleSynthesis::can(std::llround(-1.01 * most), 1280));
    }

} // TEST_SUITE
