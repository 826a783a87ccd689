#include "scenarios/farm/farm.hpp"
#include "speed/farms.hpp"
#include "speed/harmonics.hpp"
#include "speed/kpm312.hpp"
#include "speed/machine.hpp"
#include "speed/speed.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

TEST_SUITE("unit") {
    TEST_CASE("a spread is the least, the middle and the greatest of the runs") {
        const Spread odd = spread_of({3, 1, 2});
        CHECK(odd.min == 1);
        CHECK(odd.median == 2);
        CHECK(odd.max == 3);
        const Spread even = spread_of({4, 1, 2, 3});
        CHECK(even.median == 3);
        CHECK(spread_of({7}).min == 7);
    }

    TEST_CASE("a target is met by the median, from its own side") {
        SpeedFigure figure{"x", "x", Spread{1, 5, 9}, SpeedTarget{5, true}};
        CHECK(figure.met() == true);
        figure.target = SpeedTarget{5.1, true};
        CHECK(figure.met() == false);
        figure.target = SpeedTarget{5.1, false};
        CHECK(figure.met() == true);
        figure.spread.reset();
        CHECK_FALSE(figure.met());
        figure.target.reset();
        CHECK_FALSE(figure.met());
    }

    TEST_CASE("both harmonics stages give the same orders to 1e-12 of the greatest") {
        CHECK(HarmonicsStages{}.difference() < 1e-12);
    }

    TEST_CASE("a meter in a row does what the one alone does") {
        Pipeline alone{false};
        Row row{3, false};
        for (int n = 0; n < 5; ++n) {
            alone.window();
            row.window();
        }
        const MeterState& one = alone.metering.state(3);
        const MeterState& other = row.meters.front().state(3);
        CHECK(one.readings[Slot::p] == other.readings[Slot::p]);
        // Three phases of 3.5 kW, and what the harmonics that U and I share add to it.
        CHECK(one.readings[Slot::p] == doctest::Approx(10500).epsilon(0.05));
        CHECK(one.readings[harmonic_slot(3, 31)] > 0);
        CHECK(alone.metering.clipped() == 0);
        CHECK(row.meters.front().clipped() == 0);
    }

    TEST_CASE("the bench's farms read what was written, without clipping") {
        Farm farm{kpm312_farm(2), 1};
        farm.advance(SimTime{std::chrono::seconds{1}});
        farm.publish(SimTime{std::chrono::seconds{1}});
        REQUIRE(farm.meters().size() == 2);
        for (std::size_t meter = 0; meter < 2; ++meter) {
            CHECK(farm.clipped(meter) == 0);
            CHECK(farm.truth(meter, 3).readings[Slot::p] == doctest::Approx(10500).epsilon(0.05));
            CHECK(farm.truth(meter, 0).readings[Slot::thd_i_a] > 30);
        }
        CHECK(kpm33b_farm(3).meters.size() == 3);
    }

    TEST_CASE("the machine has a name, a core and a kernel") {
        const Machine m = this_machine();
        CHECK_FALSE(m.cpu.empty());
        CHECK(m.cores >= 1);
        CHECK_FALSE(m.compiler.empty());
        CHECK_FALSE(m.kernel.empty());
        CHECK(resident_bytes() > 1e5);
    }
}
