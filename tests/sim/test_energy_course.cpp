#include "sim/energy_course.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <numbers>
#include <vector>

using namespace kpmsim;
using namespace std::chrono_literals;

namespace {

constexpr double row_s = 0.2 / 1280;

/// Three phases of 1 V; currents of `before` until `at` (rows), of `after` from there on, that lag by
/// `lag` degrees.
struct Course {
    std::vector<double> samples;
    SampleBlock block;

    Course(int at, double before, double after, double lag = 0) {
        block.window = {SimTime{7s}, 200ms, 10};
        block.channels = 6;
        block.rows = block.window.samples();
        block.stride = block.rows;
        samples.resize(6 * static_cast<std::size_t>(block.rows));
        block.data = samples;
        for (int phase = 0; phase < 3; ++phase)
            for (int row = 0; row < block.rows; ++row) {
                const double turn = 2 * std::numbers::pi * (row / 128.0 - phase / 3.0);
                const double size = row < at ? before : after;
                block.channel(phase)[static_cast<std::size_t>(row)] = std::cos(turn);
                block.channel(3 + phase)[static_cast<std::size_t>(row)] =
                    size * std::cos(turn - lag * std::numbers::pi / 180);
            }
    }
    double at(double part, bool reactive = false, const MeteringSettings& settings = {}) const {
        const auto time = time_of_part(block, metered_products({}, settings, 0, reactive), part);
        REQUIRE(time);
        return seconds(*time);
    }
};

} // namespace

TEST_SUITE("unit") {
    TEST_CASE("a part of a window's energy comes when the load that brings it is there") {
        const Course steady{0, 1, 1};
        const Course late{640, 0, 1};
        const Course mixed{320, 1, 3}; // a tenth of the energy in the first quarter
        for (const double part : {0.01, 0.25, 0.5, 0.99, 1.0}) {
            CAPTURE(part);
            CHECK(std::abs(steady.at(part) - 0.2 * part) < row_s);
            CHECK(std::abs(late.at(part) - (0.1 + 0.1 * part)) < row_s);
            const double due = part < 0.1 ? 0.5 * part : 0.05 + (part - 0.1) * 0.15 / 0.9;
            CHECK(std::abs(mixed.at(part) - due) < row_s);
        }
        // An export comes in the same course, and so does what is turned round.
        CHECK(Course{640, 0, -1}.at(0.3) == doctest::Approx(late.at(0.3)).epsilon(1e-9));
        MeteringSettings turned;
        turned.reversed[0] = 7;
        CHECK(late.at(0.3, false, turned) == late.at(0.3));
    }

    TEST_CASE("reactive energy comes in its own course, to a quarter of a period") {
        for (const double lag : {90.0, 60.0, -90.0}) {
            CAPTURE(lag);
            const Course late{640, 0, 1, lag};
            for (const double part : {0.1, 0.5, 1.0})
                CHECK(std::abs(late.at(part, true) - (0.1 + 0.1 * part)) < 0.005 + row_s);
        }
        // No active energy, no moment for a part of it: the sum is rounding alone, or nothing.
        Course none{0, 0, 0};
        CHECK_FALSE(time_of_part(none.block, metered_products({}, {}, 0, true), 0.5));
    }

    TEST_CASE("one cycle that stands for all has no course, and a delta takes two products") {
        Course one{0, 1, 1};
        one.block.rows = samples_per_cycle;
        CHECK_FALSE(time_of_part(one.block, metered_products({}, {}, 0, false), 0.5));
        MeteringSettings delta;
        delta.wiring = Wiring::p3l3;
        CHECK(metered_products({}, delta, 0, false).count == 2);
        CHECK(metered_products({}, {}, 0, false).count == 3);
    }
}
