#include "samples.hpp"
#include "sim/frequency.hpp"
#include "sim/lock.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace kpmsim;
using namespace std::chrono_literals;
using test::Block;

namespace {

constexpr double degree = std::numbers::pi / 180;

/// f of a window of 50 Hz whose phase stands `turned` degrees beside where time alone would put it.
double push(FrequencyMeter& meter, SimTime start, int channel, double turned) {
    Block b{test::window_at(50, 10, start), 1, 1280};
    b.fill(0, {{1, 0.5, turned * degree}}, 50);
    return meter.push(b.block.window, channel, b.block.channel(0));
}

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("neighbouring windows of one channel are compared to 1e-7 Hz") {
        FrequencyMeter meter;
        push(meter, SimTime{}, 0, 0);
        CHECK(std::abs(push(meter, SimTime{200ms}, 0, 0) - 50) < 1e-7);
        // 2 degrees in 0.2 s are 0.028 Hz: little enough to be the mains' own.
        CHECK(push(meter, SimTime{400ms}, 0, 2) == doctest::Approx(50 + 2 / 72.0).epsilon(1e-7));
    }

    TEST_CASE("the phases of two channels are not compared") {
        FrequencyMeter meter;
        push(meter, SimTime{}, 0, 0);
        CHECK(std::abs(push(meter, SimTime{200ms}, 1, 2) - 50) < 2e-3);
    }

    TEST_CASE("windows that do not adjoin are not compared") {
        FrequencyMeter meter;
        push(meter, SimTime{}, 0, 0);
        CHECK(std::abs(push(meter, SimTime{1200ms}, 0, 10) - 50) < 2e-3);
    }

    TEST_CASE("while the clock finds its way, f is as right as the clock was") {
        for (const double f_hz : {46.0, 48.7, 52.9}) {
            SampleLock lock{50};
            for (int window = 0; window < 4; ++window) {
                Block b{lock.next(), 3, lock.next().samples()};
                b.fill(0, {{1, 0.5, 0.7}}, f_hz);
                lock.push(b.block);
                MESSAGE(f_hz << " window " << window << " " << lock.f_hz() - f_hz);
            }
        }
    }

    TEST_CASE("f is of the strongest voltage, down to a hundredth of full scale") {
        CHECK(strongest_voltage({0.0, 0.011, 0.0}, -1) == 1);
        CHECK(strongest_voltage({0.0, 0.0099, 0.0}, 1) == -1);
        CHECK(strongest_voltage({0.5, 0.6, 0.55}, -1) == 1);
        // … and stays with the one it has, until that has half of the strongest.
        CHECK(strongest_voltage({0.31, 0.6, 0.55}, 0) == 0);
        CHECK(strongest_voltage({0.29, 0.6, 0.55}, 0) == 1);
    }
}
